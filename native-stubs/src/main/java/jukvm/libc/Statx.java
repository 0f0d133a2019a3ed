package jukvm.libc;

import java.nio.ByteBuffer;
import jukvm.error.HostException;

/**
 * What the kernel says of an open file. Source: linux/stat.h, struct statx.
 *
 * @param mode kind and permissions, as in inode(7)
 * @param size in bytes, 0 for a device
 * @param inode number of the file on its device
 * @param device major number above, minor number below 32 bits
 * @param modified when its bytes changed last, in nanoseconds since 1970
 * @param changed when anything about it did, in nanoseconds since 1970
 * @param special the device that it is, if it is one, as {@code device} has it
 */
public record Statx(
        int mode, long size, long inode, long device, long modified, long changed, long special) {
    private static final Libc LIBC = Libc.get();

    private static final int SIZE = 256;

    /** Bytes that it takes to ask. */
    public static final int ARENA = SIZE + 1;

    private static final int STX_MODE = 28; // u16
    private static final int STX_INO = 32; // u64
    private static final int STX_SIZE = 40; // u64
    private static final int STX_CTIME = 96; // seconds i64, nanoseconds u32
    private static final int STX_MTIME = 112;
    private static final int STX_RDEV_MAJOR = 128; // u32
    private static final int STX_RDEV_MINOR = 132; // u32
    private static final int STX_DEV_MAJOR = 136; // u32
    private static final int STX_DEV_MINOR = 140; // u32
    private static final int ST_DEV = 0; // u64
    private static final int ST_INO = 8; // u64
    private static final int ST_MODE = 24; // u32
    private static final int ST_RDEV = 40; // u64
    private static final int ST_SIZE = 48; // i64
    private static final int ST_MTIM = 88; // seconds i64, nanoseconds i64
    private static final int ST_CTIM = 104;
    private static final int STATX_BASIC_STATS = 0x7ff;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int S_IFMT = 0xf000;

    /**
     * Asks about a descriptor.
     *
     * @throws HostException if the kernel refuses
     */
    public static Statx of(Fd fd) {
        return of(fd.number(), fd.name());
    }

    /**
     * Asks about a descriptor.
     *
     * @param arena of {@link #ARENA} bytes, all zero, to talk to the kernel
     * @throws HostException if the kernel refuses
     */
    public static Statx of(Fd fd, Mapping arena) {
        return of(fd.number(), fd.name(), arena);
    }

    /**
     * Asks about a descriptor that is open.
     *
     * @param name of it, for messages
     * @throws HostException if the kernel refuses
     */
    public static Statx of(int number, String name) {
        try (Mapping arena = Mapping.anonymous(ARENA)) {
            return of(number, name, arena);
        }
    }

    private static Statx of(int number, String name, Mapping arena) {
        // An empty path, which the zero byte after the structure is, names the descriptor.
        long empty = arena.address() + SIZE;
        long result =
                LIBC.syscall(
                        Libc.SYS_STATX,
                        number,
                        empty,
                        AT_EMPTY_PATH,
                        STATX_BASIC_STATS,
                        arena.address());
        if (result == -Errno.ENOSYS || result == -Errno.EPERM) {
            return ofOldKind(number, name, arena);
        }
        if (result < 0) {
            throw Errno.exception(name + ": statx", (int) -result);
        }
        ByteBuffer at = arena.window(0, SIZE);
        return new Statx(
                at.getShort(STX_MODE) & 0xffff,
                at.getLong(STX_SIZE),
                at.getLong(STX_INO),
                device(at, STX_DEV_MAJOR, STX_DEV_MINOR),
                nanos(at, STX_MTIME),
                nanos(at, STX_CTIME),
                device(at, STX_RDEV_MAJOR, STX_RDEV_MINOR));
    }

    private static long device(ByteBuffer at, int major, int minor) {
        return (long) at.getInt(major) << 32 | at.getInt(minor) & 0xffffffffL;
    }

    // A container's filter of system calls may know none that is younger than itself. What it asks
    // for instead is asm/stat.h, struct stat.
    static Statx ofOldKind(int number, String name, Mapping arena) {
        long result = LIBC.syscall(Libc.SYS_FSTAT, number, arena.address(), 0, 0, 0);
        if (result < 0) {
            throw Errno.exception(name + ": fstat", (int) -result);
        }
        ByteBuffer at = arena.window(0, SIZE);
        return new Statx(
                at.getInt(ST_MODE),
                at.getLong(ST_SIZE),
                at.getLong(ST_INO),
                oldDevice(at.getLong(ST_DEV)),
                oldNanos(at, ST_MTIM),
                oldNanos(at, ST_CTIM),
                oldDevice(at.getLong(ST_RDEV)));
    }

    private static long oldDevice(long device) {
        long major = device >>> 8 & 0xfff | device >>> 32 & 0xfffff000L;
        long minor = device & 0xff | device >>> 12 & 0xffffff00L;
        return major << 32 | minor & 0xffffffffL;
    }

    private static long oldNanos(ByteBuffer at, int offset) {
        return at.getLong(offset) * 1_000_000_000 + at.getLong(offset + Long.BYTES);
    }

    /** Returns the kind of file as the highest four bits of the mode have it. */
    public int kind() {
        return (mode & S_IFMT) >> 12;
    }

    private static long nanos(ByteBuffer at, int offset) {
        return at.getLong(offset) * 1_000_000_000 + at.getInt(offset + Long.BYTES);
    }
}
