package jukvm.bench.action;

/** Runs actions one after another. Belongs to the thread that made it. */
public interface Worker extends AutoCloseable {
    /**
     * Runs one action to its end and checks it.
     *
     * @throws InterruptedException if the thread is interrupted; the action has been ended then
     */
    Action run() throws InterruptedException;

    @Override
    default void close() {}
}
