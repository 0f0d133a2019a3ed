package jukvm.monitor;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import jukvm.guest.RunResult;

/** Waits for the end of a guest. */
final class GuestEnd {
    private GuestEnd() {}

    /**
     * Returns what a future is completed with, such as how a guest ended, once it is.
     *
     * @throws InterruptedException if the calling thread is interrupted before
     * @throws RuntimeException whatever it was completed with instead
     * @throws Error likewise
     */
    static <T> T get(CompletableFuture<T> end) throws InterruptedException {
        try {
            // What it is completed with is never null; its type cannot say so.
            return Objects.requireNonNull(end.get());
        } catch (ExecutionException e) {
            Throwable thrown = e.getCause();
            if (thrown instanceof Error error) {
                throw error;
            }
            throw thrown instanceof RuntimeException exception
                    ? exception
                    : new IllegalStateException(thrown); // A checked one, thrown unchecked.
        }
    }

    /** Waits until a guest has ended, however. */
    static void await(CompletableFuture<RunResult> end) {
        try {
            end.join();
        } catch (CompletionException e) {
            // Whoever asked for the run is told.
        }
    }
}
