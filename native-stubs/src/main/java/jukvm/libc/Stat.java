package jukvm.libc;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;

/**
 * Which file something is, and whose. Source: asm/stat.h, struct stat, on x86-64.
 *
 * <pre>
 * dev u64 @0   ino u64 @8   (8 bytes)   mode u32 @24   uid u32 @28   (8 bytes)   rdev u64 @40
 * </pre>
 *
 * @param device number of the file system
 * @param inode number of the file there
 * @param mode kind and permissions, as in inode(7)
 * @param owner number of the user it belongs to
 * @param special number of the device that it is itself, 0 if it is none
 */
public record Stat(long device, long inode, int mode, int owner, long special) {
    private static final Libc LIBC = Libc.get();

    private static final int SIZE = 144;
    private static final int DEV = 0;
    private static final int INO = 8;
    private static final int MODE = 24;
    private static final int UID = 28;
    private static final int RDEV = 40;
    private static final int S_IFMT = 0xf000;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;

    /** The kind of a file, as the mode has it. */
    public static final int REGULAR = 0x8000;

    public static final int DIRECTORY = 0x4000;
    public static final int CHARACTER_DEVICE = 0x2000;
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
     * Asks about a name in a folder, itself if it is a link.
     *
     * @throws jukvm.error.HostException if there is none, or the kernel refuses
     */
    public static Stat of(Fd folder, String name) {
        byte[] path = name.getBytes(UTF_8);
        try (Mapping arena = Mapping.anonymous(SIZE + path.length + 1)) {
            arena.window(SIZE, path.length).put(path);
            long result =
                    LIBC.syscall(
                            Libc.SYS_NEWFSTATAT,
                            folder.number(),
                            arena.address() + SIZE,
                            arena.address(),
                            AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW,
                            0);
            if (result < 0) {
                String asked = name.isEmpty() ? folder.name() : folder.name() + "/" + name;
                throw Errno.exception(asked + ": stat", (int) -result);
            }
            ByteBuffer at = arena.window(0, SIZE);
            return new Stat(
                    at.getLong(DEV),
                    at.getLong(INO),
                    at.getInt(MODE),
                    at.getInt(UID),
                    at.getLong(RDEV));
        }
    }

    /** Returns whether it is of a kind, such as {@link #REGULAR}. */
    public boolean is(int kind) {
        return (mode & S_IFMT) == kind;
    }

    /** Returns whether both are the same file. */
    public boolean isSameFile(Stat other) {
        return device == other.device && inode == other.inode;
    }
}
