package jukvm.bench.action;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import jukvm.error.JukvmException;

/** Whether a system runs the action on this host, by running it. */
public final class Trial {
    private Trial() {}

    /**
     * Returns what was wrong with the first of so many actions that failed, or nothing. A thread of
     * its own runs them, which the system may change for good.
     */
    public static String of(ActionSystem system, int tries) throws InterruptedException {
        Callable<String> actions =
                () -> {
                    try (Worker worker = system.worker()) {
                        return worker.run(tries).stream()
                                .map(Action::failure)
                                .filter(failure -> !failure.isEmpty())
                                .findFirst()
                                .orElse("");
                    } catch (JukvmException e) {
                        return String.valueOf(e.getMessage());
                    }
                };
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            system.enter();
            return thread.submit(actions).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        } finally {
            Commands.end(thread);
            system.leave();
        }
    }
}
