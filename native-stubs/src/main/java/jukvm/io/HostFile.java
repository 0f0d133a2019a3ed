package jukvm.io;

import java.nio.ByteBuffer;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * A file of the host, opened without ever blocking and examined through its descriptor, so that
 * what is examined is what is read. Used by one thread.
 */
public final class HostFile implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    // linux/stat.h, struct statx.
    private static final int STATX_SIZE = 256;
    private static final int STX_MODE = 28; // u16
    private static final int STX_SIZE = 40; // u64
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int S_IFMT = 0xf000;

    private static final int CHUNK = 1 << 20;

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

        @Override
        public String toString() {
            return text;
        }
    }

    private final Fd fd;
    private final Kind kind;
    private final long size;

    private HostFile(Fd fd, Kind kind, long size) {
        this.fd = fd;
        this.kind = kind;
        this.size = size;
    }

    /**
     * Opens {@code path} for reading.
     *
     * @throws jukvm.error.HostException if it cannot be opened
     */
    public static HostFile open(String path) {
        try (Mapping arena = Mapping.anonymous(STATX_SIZE + 1)) {
            Fd fd = Fd.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK);
            // An empty path, which the zero byte after the structure is, names the descriptor.
            long empty = arena.address() + STATX_SIZE;
            long result =
                    LIBC.syscall(
                            Libc.SYS_STATX,
                            fd.number(),
                            empty,
                            AT_EMPTY_PATH,
                            STATX_BASIC_STATS,
                            arena.address());
            if (result < 0) {
                fd.close();
                throw Errno.exception(path + ": statx", (int) -result);
            }
            ByteBuffer statx = arena.window(0, STATX_SIZE);
            return new HostFile(fd, kind(statx.getShort(STX_MODE)), statx.getLong(STX_SIZE));
        }
    }

    private static Kind kind(int mode) {
        return switch ((mode & S_IFMT) >> 12) {
            case 1 -> Kind.FIFO;
            case 2 -> Kind.CHARACTER_DEVICE;
            case 4 -> Kind.DIRECTORY;
            case 6 -> Kind.BLOCK_DEVICE;
            case 8 -> Kind.REGULAR;
            case 12 -> Kind.SOCKET;
            default -> Kind.UNKNOWN;
        };
    }

    /** Returns what the path led to. */
    public Kind kind() {
        return kind;
    }

    /** Returns the size in bytes when it was opened. */
    public long size() {
        return size;
    }

    /**
     * Reads the file from its start into {@code bytes}.
     *
     * @return how many bytes were read: fewer than asked for if the file ended before
     * @throws jukvm.error.HostException if the host cannot read it
     */
    public int read(byte[] bytes) {
        int done = 0;
        try (Mapping arena = Mapping.anonymous(CHUNK)) {
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
        }
        return done;
    }

    @Override
    public void close() {
        fd.close();
    }
}
