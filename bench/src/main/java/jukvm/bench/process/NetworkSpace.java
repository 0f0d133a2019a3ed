package jukvm.bench.process;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/**
 * A network namespace that a thread makes for itself: what the thread opens, and the programs and
 * threads that it starts, are in it. With the last of these it is gone, whatever ends them. Needs
 * CAP_SYS_ADMIN. Source: network_namespaces(7), unshare(2).
 */
public final class NetworkSpace {
    private static final int CLONE_NEWNET = 0x40000000;

    private NetworkSpace() {}

    /**
     * Runs a task by a thread in a network namespace of its own, in which nothing is up, and waits
     * for its end.
     *
     * @throws jukvm.error.HostException if the host refuses one
     * @throws InterruptedException if the task is interrupted
     */
    public static <T> T call(Callable<T> task) throws InterruptedException {
        CompletableFuture<T> result = new CompletableFuture<>();
        Runnable body =
                () -> {
                    try {
                        C.check(
                                "network namespace: unshare",
                                C.unshare(CLONE_NEWNET),
                                "Run as root.");
                        result.complete(task.call());
                    } catch (Throwable e) {
                        result.completeExceptionally(e);
                    }
                };
        new Thread(body, "network namespace").start();
        return Futures.result(result);
    }
}
