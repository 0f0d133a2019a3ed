package jukvm.daemon;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.NativeStrings;
import jukvm.libc.Stat;
import org.jspecify.annotations.Nullable;

/**
 * The folder where the daemon of this user is found, which nobody else can enter. It is held by a
 * descriptor, by which all in it is opened, and no link is followed; so what was found to be ours
 * is what is used. Thread-safe, but for {@link #close}.
 *
 * <p>Nothing is trusted where somebody else could put another in its place: it lies in a folder of
 * this user, or in one of root's where others cannot rename or remove it. Source: openat(2),
 * flock(2), inode(7).
 */
public final class DaemonFolder implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final String SOCKET = "daemon";
    private static final String LOG = "daemon.log";
    private static final int ROOT = 0;
    private static final int OTHERS = 077;
    private static final int OTHERS_WRITE = 022;
    private static final int STICKY = 01000;
    private static final int LOCK_SH = 1;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;
    private static final int FOLDER = Libc.O_RDONLY | Libc.O_DIRECTORY;
    private static final int FLAGS = Libc.O_NOFOLLOW | Libc.O_CLOEXEC;

    private final Path path;
    private final Fd fd;
    private final Stat self;
    private @Nullable Stat socket;

    private DaemonFolder(Path path, Fd fd) {
        this.path = path;
        this.fd = fd;
        this.self = Stat.of(fd);
    }

    /**
     * Opens a folder that is there.
     *
     * @return none if it is not
     * @throws ConfigException if it, or the folder it lies in, is not to be trusted
     */
    public static Optional<DaemonFolder> find(Path path) {
        return open(path, false);
    }

    /**
     * Opens a folder, which is made if it is not there.
     *
     * @throws ConfigException if it cannot be made, or it, or the folder it lies in, is not to be
     *     trusted
     */
    public static DaemonFolder make(Path path) {
        return open(path, true).orElseThrow(() -> new ConfigException(path + ": is gone again"));
    }

    private static Optional<DaemonFolder> open(Path path, boolean make) {
        Path parent = path.resolveSibling("");
        String name = path.getFileName().toString();
        try (Fd above = Fd.open(parent.toString(), FOLDER | Libc.O_PATH)) {
            requireSafe(parent, Stat.of(above));
            if (make) {
                long made = at(Libc.SYS_MKDIRAT, above, name, 0700, 0);
                if (made < 0 && made != -Errno.EEXIST) {
                    throw Errno.exception("mkdir", (int) -made);
                }
            }
            requireOurs(path, Stat.of(above, name));
            int opened = (int) at(Libc.SYS_OPENAT, above, name, FOLDER | FLAGS, 0);
            return Optional.of(checked(path, Fd.of(opened, path.toString(), "open")));
        } catch (HostException e) {
            if (!make && e.errno() == Errno.ENOENT) {
                return Optional.empty();
            }
            String what = make ? ": cannot make this folder: " : ": cannot be looked at: ";
            throw new ConfigException(path + what + e.getMessage());
        }
    }

    // Once more, for it may be another by now.
    private static DaemonFolder checked(Path path, Fd fd) {
        try {
            DaemonFolder folder = new DaemonFolder(path, fd);
            requireOurs(path, folder.self);
            return folder;
        } catch (ConfigException | HostException e) {
            fd.close();
            throw e;
        }
    }

    private static void requireSafe(Path parent, Stat status) {
        boolean isKept = (status.mode() & OTHERS_WRITE) == 0 || (status.mode() & STICKY) != 0;
        if (status.owner() != user() && (status.owner() != ROOT || !isKept)) {
            throw new ConfigException(
                    parent
                            + ": is a folder of user "
                            + Integer.toUnsignedString(status.owner())
                            + (status.owner() == ROOT ? ", and others can change it" : "")
                            + "; set XDG_RUNTIME_DIR to one of user "
                            + Integer.toUnsignedString(user()));
        }
    }

    private static void requireOurs(Path path, Stat status) {
        if (!status.is(Stat.DIRECTORY) || status.owner() != user()) {
            throw new ConfigException(
                    path
                            + ": is not a folder of user "
                            + Integer.toUnsignedString(user())
                            + ", but of user "
                            + Integer.toUnsignedString(status.owner())
                            + "; remove it, or set XDG_RUNTIME_DIR");
        }
        if ((status.mode() & OTHERS) != 0) {
            throw new ConfigException(
                    String.format(
                            "%s: can be entered by others (mode %o); chmod 700 it",
                            path, status.mode() & 0777));
        }
    }

    private static int user() {
        return ClientListener.user();
    }

    private static long at(long call, Fd folder, String name, long a, long b) {
        try (NativeStrings text = NativeStrings.of(List.of(List.of(name)))) {
            return LIBC.syscall(call, folder.number(), text.first(0), a, b, 0);
        }
    }

    /**
     * Locks the folder for one daemon, until it is closed or the process ends.
     *
     * @return false if another daemon has it
     * @throws HostException if the file system has no locks
     */
    public boolean lock() {
        // A cleaner of old files keeps its hands off a folder that is locked so.
        return flock(LOCK_EX);
    }

    /** Returns whether a daemon has it now. */
    public boolean isLocked() {
        boolean isFree = flock(LOCK_SH);
        return !isFree;
    }

    private boolean flock(int kind) {
        int operation = kind | LOCK_NB;
        long result = LIBC.syscall(Libc.SYS_FLOCK, fd.number(), operation, 0, 0, 0);
        if (result < 0 && result != -Errno.EAGAIN) {
            throw Errno.exception(path + ": flock", (int) -result);
        }
        return result == 0;
    }

    /** Removes the socket, if there is one; only whoever has locked the folder may. */
    public void removeSocket() {
        long result = at(Libc.SYS_UNLINKAT, fd, SOCKET, 0, 0);
        if (result < 0 && result != -Errno.ENOENT) {
            throw Errno.exception(path + "/" + SOCKET + ": unlink", (int) -result);
        }
    }

    /**
     * Notes which file the socket is, just after it was made.
     *
     * @throws HostException if there is none
     */
    public synchronized void noteSocket() {
        socket = Stat.of(fd, SOCKET);
    }

    /** Returns whether its path still leads to it, and the socket in it is the one noted. */
    public synchronized boolean isInPlace() {
        try (Fd above = Fd.open(path.resolveSibling("").toString(), FOLDER | Libc.O_PATH)) {
            return self.isSameFile(Stat.of(above, path.getFileName().toString()))
                    && socket != null
                    && socket.isSameFile(Stat.of(fd, SOCKET));
        } catch (HostException e) {
            return e.errno() == Errno.EMFILE || e.errno() == Errno.ENFILE; // Not known now.
        }
    }

    /**
     * Opens the file that takes what a daemon says of itself, which is made if it is not there.
     *
     * @throws ConfigException if it is another's, or no ordinary file
     * @throws HostException if it cannot be opened
     */
    public Log openLog() {
        String name = path + "/" + LOG;
        // Not O_TRUNC, which would be for a FIFO or link to decide.
        int flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_NONBLOCK | FLAGS;
        Fd opened = Fd.of((int) at(Libc.SYS_OPENAT, fd, LOG, flags, 0600), name, "open");
        try {
            Stat status = Stat.of(opened);
            if (!status.is(Stat.REGULAR) || status.owner() != user()) {
                throw new ConfigException(name + ": is no ordinary file of ours; remove it");
            }
            return new Log(opened);
        } catch (ConfigException | HostException e) {
            opened.close();
            throw e;
        }
    }

    /** The log, open. */
    public static final class Log implements AutoCloseable {
        private final Fd fd;

        private Log(Fd fd) {
            this.fd = fd;
        }

        /** Returns a path to it in this process, valid until it is closed. */
        public Path path() {
            return Path.of("/proc/self/fd", Integer.toString(fd.number()));
        }

        @Override
        public void close() {
            fd.close();
        }
    }

    @Override
    public void close() {
        fd.close();
    }
}
