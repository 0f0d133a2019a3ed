package jukvm.process;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;

/**
 * The files that another process sees, where other ones are mounted for it. Source: setns(2),
 * mount_namespaces(7).
 */
public final class MountNamespace {
    private static final Libc LIBC = Libc.get();

    private static final int CLONE_FS = 0x200;
    private static final int CLONE_NEWNS = 0x20000;
    private static final int SYS_UNSHARE = 272;
    private static final int SYS_SETNS = 308;

    private MountNamespace() {}

    /**
     * Does something where absolute paths are those of another process, unless that has another
     * root than its mounts have; on a thread that is made for it, since the change cannot be undone
     * for one. All other threads stay where they are.
     *
     * @param pid of the process
     * @param action what it throws is passed on
     * @throws HostException if the process is gone, or not of this user, which must be root
     */
    public static <T> T of(long pid, Supplier<T> action) {
        CompletableFuture<T> done = new CompletableFuture<>();
        Runnable entered =
                () -> {
                    try {
                        enter(pid);
                        done.complete(action.get());
                    } catch (RuntimeException | Error e) {
                        done.completeExceptionally(e);
                    }
                };
        new Thread(entered, "jukvm-mounts").start();
        try {
            return done.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw e;
        }
    }

    private static void enter(long pid) {
        String path = "/proc/" + pid + "/ns/mnt";
        try (Fd namespace = Fd.open(path, Libc.O_RDONLY)) {
            // Threads of one process have one root and one directory, until one has its own.
            check(path, "unshare", LIBC.syscall(SYS_UNSHARE, CLONE_FS, 0, 0, 0, 0));
            int fd = namespace.number();
            check(path, "setns", LIBC.syscall(SYS_SETNS, fd, CLONE_NEWNS, 0, 0, 0));
        }
    }

    private static void check(String path, String operation, long result) {
        if (result < 0) {
            throw Errno.exception(path + ": " + operation, (int) -result);
        }
    }
}
