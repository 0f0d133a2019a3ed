package jukvm.libc;

import java.nio.ByteBuffer;

/** Two descriptors that are connected with each other, both close-on-exec. */
public record FdPair(Fd first, Fd second) implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    /**
     * Opens a pair of stream sockets.
     *
     * @param name of both, for messages
     * @throws jukvm.error.HostException if the host has no descriptors for it
     */
    public static FdPair sockets(String name) {
        return sockets(name, Libc.SOCK_STREAM);
    }

    /**
     * Opens a pair of sockets that keep messages apart.
     *
     * @param name of both, for messages
     * @throws jukvm.error.HostException if the host has no descriptors for it
     */
    public static FdPair packets(String name) {
        return sockets(name, Libc.SOCK_SEQPACKET);
    }

    private static FdPair sockets(String name, int kind) {
        int type = kind | Libc.SOCK_CLOEXEC;
        try (Mapping numbers = Mapping.anonymous(Long.BYTES)) {
            long address = numbers.address();
            return of(
                    LIBC.syscall(Libc.SYS_SOCKETPAIR, Libc.AF_UNIX, type, 0, address, 0),
                    numbers,
                    name,
                    "socketpair");
        }
    }

    /**
     * Opens a pipe that never blocks: the first is what is read from, the second what is written
     * to.
     *
     * @param name of both, for messages
     * @throws jukvm.error.HostException if the host has no descriptors for it
     */
    public static FdPair pipe(String name) {
        int flags = Libc.O_CLOEXEC | Libc.O_NONBLOCK;
        try (Mapping numbers = Mapping.anonymous(Long.BYTES)) {
            return of(
                    LIBC.syscall(Libc.SYS_PIPE2, numbers.address(), flags, 0, 0, 0),
                    numbers,
                    name,
                    "pipe2");
        }
    }

    private static FdPair of(long result, Mapping numbers, String name, String operation) {
        if (result < 0) {
            throw Errno.exception(name + ": " + operation, (int) -result);
        }
        ByteBuffer at = numbers.window(0, Long.BYTES);
        return new FdPair(
                Fd.of(at.getInt(0), name, operation), Fd.of(at.getInt(4), name, operation));
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
