package jukvm.io;

import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import jukvm.error.HostException;
import jukvm.libc.BufferAddress;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.Stat;
import org.jspecify.annotations.Nullable;

/**
 * A file of the host, opened without ever blocking and examined through its descriptor, so that
 * what is examined is what is read. Used by one thread.
 */
public final class HostFile implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final int CHUNK = 1 << 18;

    // Of the file that was closed last: to map and touch one takes as long as to read a small file.
    private static final AtomicReference<@Nullable Mapping> SPARE = new AtomicReference<>();

    /** What a path leads to. Source: inode(7). */
    public enum Kind {
        REGULAR("regular file"),
        DIRECTORY("directory"),
        FIFO("FIFO"),
        SOCKET("socket"),
        CHARACTER_DEVICE("character device"),
        BLOCK_DEVICE("block device"),
        UNKNOWN("file of an unknown kind");

        private final String text;

        Kind(String text) {
            this.text = text;
        }

        /** Returns which it is. */
        public static Kind of(Stat status) {
            return switch (status.kind()) {
                case Stat.FIFO -> FIFO;
                case Stat.CHARACTER_DEVICE -> CHARACTER_DEVICE;
                case Stat.DIRECTORY -> DIRECTORY;
                case Stat.BLOCK_DEVICE -> BLOCK_DEVICE;
                case Stat.REGULAR -> REGULAR;
                case Stat.SOCKET -> SOCKET;
                default -> UNKNOWN;
            };
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private final Fd fd;
    private final Mapping arena;
    private final Kind kind;
    private final State state;
    private boolean closed;

    /**
     * Which file it was when it was opened, and how it was: another that is equal is the same and
     * has not changed, as far as the clock of the file system can tell.
     *
     * @param device of the file system
     * @param inode number of the file there
     * @param size in bytes
     * @param modified when its bytes changed last, in nanoseconds since 1970
     * @param changed when anything about it did, in nanoseconds since 1970
     */
    public record State(long device, long inode, long size, long modified, long changed) {}

    private HostFile(Fd fd, Mapping arena, Stat status) {
        this.fd = fd;
        this.arena = arena;
        this.kind = Kind.of(status);
        this.state =
                new State(
                        status.device(),
                        status.inode(),
                        status.size(),
                        status.modified(),
                        status.changed());
    }

    /**
     * Opens {@code path} for reading.
     *
     * @throws HostException if it cannot be opened
     */
    public static HostFile open(String path) {
        return open(Requester.self(), path);
    }

    /**
     * Opens {@code path} for reading, with the caller's rights.
     *
     * @throws HostException if it cannot be opened
     */
    public static HostFile open(Requester caller, String path) {
        Fd fd = Fd.of(caller.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK, 0), path, "open");
        try {
            Mapping arena = takeArena();
            try {
                return new HostFile(fd, arena, Stat.of(fd, arena));
            } catch (HostException e) {
                giveArena(arena);
                throw e;
            }
        } catch (HostException e) {
            fd.close();
            throw e;
        }
    }

    private static Mapping takeArena() {
        Mapping spare = SPARE.getAndSet(null);
        return spare == null ? Mapping.anonymous(CHUNK) : spare;
    }

    private static void giveArena(Mapping arena) {
        if (!SPARE.compareAndSet(null, arena)) {
            arena.close();
        }
    }

    /** Returns what the path led to. */
    public Kind kind() {
        return kind;
    }

    /** Returns the size in bytes when it was opened. */
    public long size() {
        return state.size;
    }

    /** Returns which file it is, and how it was when it was opened. */
    public State state() {
        return state;
    }

    /**
     * Reads the file from its start into {@code bytes}.
     *
     * @return how many bytes were read: fewer than asked for if the file ended before
     * @throws HostException if the host cannot read it
     */
    public int read(byte[] bytes) {
        int done = 0;
        ByteBuffer window = arena.window(0, CHUNK);
        while (done < bytes.length) {
            int want = Math.min(bytes.length - done, CHUNK);
            long result = LIBC.read(fd.number(), arena.address(), want);
            if (result == 0) {
                break;
            }
            if (result > 0) {
                window.get(0, bytes, done, (int) result);
                done += (int) result;
            } else if (result != -Errno.EINTR) {
                throw Errno.exception(fd.name() + ": read", (int) -result);
            }
        }
        return done;
    }

    /**
     * Reads part of the file into a direct buffer, which it fills; what {@link #read(byte[])} reads
     * next is not changed by it.
     *
     * @param offset in the file, in bytes
     * @return how many bytes were read: fewer than there is room for if the file ended before
     * @throws HostException if the host cannot read it
     */
    public int read(ByteBuffer to, long offset) {
        long address = new BufferAddress().of(to);
        int done = 0;
        while (done < to.remaining()) {
            long result =
                    LIBC.pread(fd.number(), address + done, to.remaining() - done, offset + done);
            if (result == 0) {
                break;
            }
            if (result > 0) {
                done += (int) result;
            } else if (result != -Errno.EINTR) {
                throw Errno.exception(fd.name() + ": pread", (int) -result);
            }
        }
        return done;
    }

    /**
     * Returns the file again, kept as it is for as long as this is open: whoever wants to write to
     * it or cut it waits, and this process is sent SIGTERM, by which it is to end. One that does
     * not, within the 45 s that /proc/sys/fs/lease-break-time has, keeps nobody from it.
     *
     * @return nothing if that cannot be: somebody has it open for writing, it is another user's, or
     *     its file system has no leases. Source: fcntl(2), F_SETLEASE
     */
    @SuppressWarnings("exports") // For this module.
    public Optional<Fd> lease() {
        Fd same = Fd.of(LIBC.fcntl(fd.number(), Libc.F_DUPFD_CLOEXEC, 0), fd.name(), "dup");
        long own = ProcessHandle.current().pid();
        boolean isKept =
                LIBC.fcntl(same.number(), Libc.F_SETOWN, own) == 0
                        && LIBC.fcntl(same.number(), Libc.F_SETSIG, Libc.SIGTERM) == 0
                        && LIBC.fcntl(same.number(), Libc.F_SETLEASE, Libc.F_RDLCK) == 0
                        && Stat.of(same, arena).size() == state.size;
        if (!isKept) {
            same.close();
            return Optional.empty();
        }
        return Optional.of(same);
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            giveArena(arena);
            fd.close();
        }
    }
}
