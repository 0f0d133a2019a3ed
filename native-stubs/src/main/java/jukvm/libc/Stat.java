package jukvm.libc;

import java.nio.ByteBuffer;
import jukvm.text.HostText;

/**
 * What the kernel says of a file. Asked by fstatat, which every filter of system calls knows, and
 * not by statx, which older ones do not. Source: asm/stat.h, struct stat, on x86-64.
 *
 * <pre>
 * dev u64 @0    ino u64 @8   (8 bytes)       mode u32 @24   uid u32 @28   (8 bytes)   rdev u64 @40
 * size i64 @48  (32 bytes)   mtim i64 @88, i64 @96   ctim i64 @104, i64 @112
 * </pre>
 *
 * @param device number of the file system, as the kernel encodes it
 * @param inode number of the file there
 * @param mode kind and permissions, as in inode(7)
 * @param owner number of the user it belongs to
 * @param special number of the device that it is itself, encoded likewise; 0 if it is none
 * @param size in bytes, 0 for a device
 * @param modified when its bytes changed last, in nanoseconds since 1970
 * @param changed when anything about it did, in nanoseconds since 1970
 */
public record Stat(
        long device,
        long inode,
        int mode,
        int owner,
        long special,
        long size,
        long modified,
        long changed) {
    private static final Libc LIBC = Libc.get();

    private static final int SIZE = 144;
    private static final int DEV = 0;
    private static final int INO = 8;
    private static final int MODE = 24;
    private static final int UID = 28;
    private static final int RDEV = 40;
    private static final int BYTES = 48;
    private static final int MTIM = 88;
    private static final int CTIM = 104;
    private static final int S_IFMT = 0xf000;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;

    /** Bytes that it takes to ask about a descriptor. */
    public static final int ARENA = SIZE + 1;

    /** The kinds of files, as the mode has them. */
    public static final int REGULAR = 0x8000;

    public static final int DIRECTORY = 0x4000;
    public static final int CHARACTER_DEVICE = 0x2000;
    public static final int BLOCK_DEVICE = 0x6000;
    public static final int FIFO = 0x1000;
    public static final int SOCKET = 0xc000;

    /**
     * Asks about a descriptor.
     *
     * @throws jukvm.error.HostException if the kernel refuses
     */
    public static Stat of(Fd fd) {
        return of(fd, "");
    }

    /**
     * Asks about a descriptor.
     *
     * @param arena of {@link #ARENA} bytes, to talk to the kernel
     * @throws jukvm.error.HostException if the kernel refuses
     */
    public static Stat of(Fd fd, Mapping arena) {
        arena.window(SIZE, 1).put(0, (byte) 0);
        return of(fd.number(), fd.name(), arena);
    }

    /**
     * Asks about a descriptor that is open.
     *
     * @param name of it, for messages
     * @throws jukvm.error.HostException if the kernel refuses
     */
    public static Stat of(int number, String name) {
        try (Mapping arena = Mapping.anonymous(ARENA)) {
            return of(number, name, arena);
        }
    }

    /**
     * Asks about a name in a folder, itself if it is a link; or about the folder, by no name.
     *
     * @throws jukvm.error.HostException if there is none, or the kernel refuses
     */
    public static Stat of(Fd folder, String name) {
        byte[] path = HostText.encode(name);
        try (Mapping arena = Mapping.anonymous(SIZE + path.length + 1)) {
            arena.window(SIZE, path.length).put(path);
            return of(
                    folder.number(),
                    name.isEmpty() ? folder.name() : folder.name() + "/" + name,
                    arena);
        }
    }

    // The path, of which nothing is left to be asked if it is empty, is behind the structure.
    private static Stat of(int number, String asked, Mapping arena) {
        long result =
                LIBC.syscall(
                        Libc.SYS_NEWFSTATAT,
                        number,
                        arena.address() + SIZE,
                        arena.address(),
                        AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW,
                        0);
        if (result < 0) {
            throw Errno.exception(asked + ": stat", (int) -result);
        }
        ByteBuffer at = arena.window(0, SIZE);
        return new Stat(
                at.getLong(DEV),
                at.getLong(INO),
                at.getInt(MODE),
                at.getInt(UID),
                at.getLong(RDEV),
                at.getLong(BYTES),
                nanos(at, MTIM),
                nanos(at, CTIM));
    }

    private static long nanos(ByteBuffer at, int offset) {
        return at.getLong(offset) * 1_000_000_000 + at.getLong(offset + Long.BYTES);
    }

    /** Returns the kind of file, such as {@link #REGULAR}. */
    public int kind() {
        return mode & S_IFMT;
    }

    /** Returns whether it is of a kind. */
    public boolean is(int kind) {
        return kind() == kind;
    }

    /** Returns whether both are the same file. */
    public boolean isSameFile(Stat other) {
        return device == other.device && inode == other.inode;
    }

    /** Returns the first number of a device, which says what kind it is. Source: makedev(3). */
    public static int major(long device) {
        return (int) (device >>> 8 & 0xfff | device >>> 32 & ~0xfff);
    }

    /** Returns the second number of a device, which tells those of a kind apart. */
    public static int minor(long device) {
        return (int) (device & 0xff | device >>> 12 & ~0xff);
    }
}
