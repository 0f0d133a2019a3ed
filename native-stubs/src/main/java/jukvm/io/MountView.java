package jukvm.io;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.NativeStrings;

/**
 * The file systems of the host as the JVM sees them, but without one mount: a mount namespace that
 * threads enter for the programs they start, which needs CAP_SYS_ADMIN. Later mounts in either are
 * not seen in the other.
 *
 * <p>Thread-safe, but for {@link #close}: not while others enter it. Source: mount_namespaces(7),
 * unshare(2), setns(2).
 */
public final class MountView implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final int CLONE_FS = 0x200;
    private static final int CLONE_NEWNS = 0x20000;
    private static final int MS_REC = 0x4000;
    private static final int MS_PRIVATE = 0x40000;
    private static final int MNT_DETACH = 2;

    private static final String REMEDY = "Run as root.";

    private final Fd namespace;

    private MountView(Fd namespace) {
        this.namespace = namespace;
    }

    /**
     * Makes a view in which nothing is mounted at a path; what was below it is gone as well.
     *
     * @param mount a mount point
     * @throws HostException if it is none, or the host refuses a namespace
     */
    public static MountView without(Path mount) {
        // A namespace is made by a thread that moves into it: by one that ends then.
        CompletableFuture<Fd> made = new CompletableFuture<>();
        Runnable body =
                () -> {
                    try {
                        made.complete(make(mount));
                    } catch (RuntimeException | Error e) {
                        made.completeExceptionally(e);
                    }
                };
        new Thread(body, "mount view").start();
        try {
            return new MountView(made.join());
        } catch (CompletionException e) {
            if (e.getCause() instanceof HostException refused) {
                throw refused;
            }
            throw e;
        }
    }

    private static Fd make(Path mount) {
        check("mount namespace: unshare", Libc.SYS_UNSHARE, CLONE_FS | CLONE_NEWNS, 0, 0);
        try (NativeStrings paths =
                NativeStrings.of(List.of(List.of("/"), List.of(mount.toString())))) {
            // Else the host would lose the mount too.
            check("/: mount", Libc.SYS_MOUNT, 0, paths.first(0), MS_REC | MS_PRIVATE);
            check(mount + ": umount2", Libc.SYS_UMOUNT2, paths.first(1), MNT_DETACH, 0);
        }
        return Fd.open("/proc/thread-self/ns/mnt", Libc.O_RDONLY);
    }

    /**
     * Moves the calling platform thread into the view for good, and to its root directory. What it
     * opens or starts from now on is found there.
     *
     * @throws HostException if the host refuses
     */
    public void enter() {
        // Threads share their root and working directory, which a namespace does not allow.
        check("mount namespace: unshare", Libc.SYS_UNSHARE, CLONE_FS, 0, 0);
        check("mount namespace: setns", Libc.SYS_SETNS, namespace.number(), CLONE_NEWNS, 0);
    }

    /** Makes one call; a fourth argument is for mount(2), whose third is always 0 here. */
    private static void check(String operation, int call, long a, long b, long flags) {
        long result = LIBC.syscall(call, a, b, 0, flags, 0);
        if (result < 0) {
            String remedy = result == -Errno.EPERM ? REMEDY : "";
            throw Errno.exception(operation, (int) -result, remedy);
        }
    }

    /** Gives the view up; threads that are in it and what they have started stay there. */
    @Override
    public void close() {
        namespace.close();
    }
}
