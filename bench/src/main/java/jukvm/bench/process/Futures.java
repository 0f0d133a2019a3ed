package jukvm.bench.process;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/** What other threads have found. */
public final class Futures {
    private Futures() {}

    /** Waits for it; returns what a thread found, or throws what it threw. */
    public static <T> T result(Future<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            if (e.getCause() instanceof InterruptedException) {
                throw new InterruptedException();
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
