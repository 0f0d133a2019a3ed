package jukvm.libc;

import java.nio.ByteBuffer;

/**
 * A lock on a file or a part of it, held by the open file and gone with it. Source:
 * asm-generic/fcntl.h, struct flock; fcntl(2), open file description locks.
 *
 * <pre>
 * l_type i16 @0   l_whence i16 @2   (4 bytes)   l_start i64 @8   l_len i64 @16   l_pid i32 @24
 * </pre>
 */
public final class Flock {
    private static final Libc LIBC = Libc.get();

    private static final int SIZE = 32;
    private static final int TYPE = 0;
    private static final int WHENCE = 2;
    private static final int START = 8;
    private static final int LEN = 16;
    private static final int PID = 24;
    private static final short F_RDLCK = 0;
    private static final short F_WRLCK = 1;
    private static final short SEEK_SET = 0;

    private Flock() {}

    /**
     * Locks all of a file without waiting, wherever its end comes to be.
     *
     * @param shared whether others may share the lock
     * @return 0, or the negated errno: EAGAIN or EACCES if another's lock is in the way
     */
    public static int lock(int fd, boolean shared) {
        return lock(fd, shared, 0, 0);
    }

    /**
     * Locks a part of a file without waiting.
     *
     * @param shared whether others may share the lock
     * @param start of the part, in bytes
     * @param length in bytes; 0 reaches to the end of the file, wherever that comes to be
     * @return 0, or the negated errno: EAGAIN or EACCES if another's lock is in the way
     */
    public static int lock(int fd, boolean shared, long start, long length) {
        try (Mapping arena = Mapping.anonymous(SIZE)) {
            ByteBuffer at = arena.window(0, SIZE);
            at.putShort(TYPE, shared ? F_RDLCK : F_WRLCK).putShort(WHENCE, SEEK_SET);
            at.putLong(START, start).putLong(LEN, length).putInt(PID, 0);
            int result;
            do {
                result = LIBC.fcntl(fd, Libc.F_OFD_SETLK, arena.address());
            } while (result == -Errno.EINTR);
            return result;
        }
    }
}
