package jukvm.bench.process;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import jukvm.error.HostException;

/**
 * The file systems of the host as the JVM sees them, but without one mount: a mount namespace that
 * threads enter for the programs they start, which needs CAP_SYS_ADMIN. Later mounts in either are
 * not seen in the other.
 *
 * <p>Thread-safe, but for {@link #close}: not while others enter it. Source: mount_namespaces(7),
 * unshare(2), setns(2).
 */
public final class MountView implements AutoCloseable {
    private static final int CLONE_FS = 0x200;
    private static final int CLONE_NEWNS = 0x20000;
    private static final int MS_REC = 0x4000;
    private static final int MS_PRIVATE = 0x40000;
    private static final int MNT_DETACH = 2;

    private static final String REMEDY = "Run as root.";

    private final int namespace;

    private MountView(int namespace) {
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
        CompletableFuture<Integer> made = new CompletableFuture<>();
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

    private static int make(Path mount) {
        C.check("mount namespace: unshare", C.unshare(CLONE_FS | CLONE_NEWNS), REMEDY);
        // Else the host would lose the mount too.
        C.check("/: mount", C.mount(null, "/", null, MS_REC | MS_PRIVATE, null), REMEDY);
        C.check(mount + ": umount2", C.umount2(mount.toString(), MNT_DETACH), REMEDY);
        String own = "/proc/thread-self/ns/mnt";
        return C.check(own, C.open(own, C.O_RDONLY | C.O_CLOEXEC));
    }

    /**
     * Moves the calling platform thread into the view for good, and to its root directory. What it
     * opens or starts from now on is found there.
     *
     * @throws HostException if the host refuses
     */
    public void enter() {
        // Threads share their root and working directory, which a namespace does not allow.
        C.check("mount namespace: unshare", C.unshare(CLONE_FS), REMEDY);
        C.check("mount namespace: setns", C.setns(namespace, CLONE_NEWNS), REMEDY);
    }

    /** Gives the view up; threads that are in it and what they have started stay there. */
    @Override
    public void close() {
        C.close(namespace);
    }
}
