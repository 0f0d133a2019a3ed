package jukvm.bench.action;

import java.util.ArrayList;
import java.util.List;

/** Runs actions one after another. Belongs to the thread that made it. */
public interface Worker extends AutoCloseable {
    /**
     * Runs one action to its end and checks it.
     *
     * @throws InterruptedException if the thread is interrupted; the action has been ended then
     */
    Action run() throws InterruptedException;

    /** Runs so many. */
    default List<Action> run(int count) throws InterruptedException {
        List<Action> actions = new ArrayList<>();
        while (actions.size() < count) {
            actions.add(run());
        }
        return actions;
    }

    @Override
    default void close() {}
}
