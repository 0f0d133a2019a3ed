package jukvm.tests.support;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.function.Executable;

/** Parts of a test at the same time, since they mostly wait. */
public final class Together {
    private Together() {}

    /** Runs each in a thread of its own, waits for all, and fails as the first that failed. */
    public static void run(Executable... parts) throws Exception {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (Executable part : parts) {
            CompletableFuture<Void> done = new CompletableFuture<>();
            all.add(done);
            Run.THREADS.execute(
                    () -> {
                        try {
                            part.execute();
                            done.complete(null);
                        } catch (Throwable e) {
                            done.completeExceptionally(e);
                        }
                    });
        }
        try {
            CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new)).get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e;
        }
    }
}
