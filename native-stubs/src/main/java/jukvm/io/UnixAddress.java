package jukvm.io;

import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * A path as the address of a socket. Used by one thread at a time. Source: unix(7), struct
 * sockaddr_un.
 */
public final class UnixAddress implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final int PATH = 2; // after the family, u16
    private static final int SIZE = 110;
    private static final int LENGTH = 112; // a socklen_t after one

    /** The longest path, in bytes: a zero byte comes after it. */
    public static final int LONGEST = SIZE - PATH - 1;

    private final Mapping arena = Mapping.anonymous(SIZE);

    /**
     * Makes the address.
     *
     * @param path of at most {@link #LONGEST} bytes
     */
    public UnixAddress(byte[] path) {
        arena.window(0, SIZE).putShort(0, (short) Libc.AF_UNIX).put(PATH, path);
    }

    /** Returns 0, or the negated errno of bind(2). */
    public int bind(int socket) {
        return call(Libc.SYS_BIND, socket);
    }

    /** Returns 0, or the negated errno of connect(2). */
    public int connect(int socket) {
        return call(Libc.SYS_CONNECT, socket);
    }

    /** Returns whether it is what a socket is bound to. */
    public boolean isOf(int socket) {
        try (Mapping bound = Mapping.anonymous(LENGTH + Integer.BYTES)) {
            bound.window(LENGTH, Integer.BYTES).putInt(0, SIZE);
            long at = bound.address();
            long result = LIBC.syscall(Libc.SYS_GETSOCKNAME, socket, at, at + LENGTH, 0, 0);
            return result == 0 && bound.window(0, SIZE).equals(arena.window(0, SIZE));
        }
    }

    private int call(int number, int socket) {
        return (int) LIBC.syscall(number, socket, arena.address(), SIZE, 0, 0);
    }

    @Override
    public void close() {
        arena.close();
    }
}
