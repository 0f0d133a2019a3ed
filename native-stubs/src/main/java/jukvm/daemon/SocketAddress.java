package jukvm.daemon;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import jukvm.error.ConfigException;
import jukvm.io.UnixAddress;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.text.HostText;

/** A path as the address of a socket, and who is at the other end. Source: unix(7); socket(7). */
final class SocketAddress implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final int SOCK_SEQPACKET = 5;
    private static final int SO_TYPE = 3;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SO_RCVTIMEO = 20;
    private static final int SO_SNDTIMEO = 21;
    private static final int TIMEVAL = 16; // seconds i64, microseconds i64
    private static final int LENGTH = 4; // of an int and, after it, a socklen_t
    private static final int OPTION = 8;

    // struct ucred: pid i32 @0, uid u32 @4, gid u32 @8; after it a socklen_t.
    private static final int SO_PASSCRED = 16;
    private static final int SO_PEERCRED = 17;
    private static final int UID = 4;
    private static final int UCRED = 12;
    private static final int STRANGER = -1;

    private final Path path;
    private final UnixAddress address;

    /**
     * Makes the address.
     *
     * @throws ConfigException if a path is too long for one
     */
    SocketAddress(Path path) {
        byte[] bytes = HostText.encode(HostText.of(path));
        if (bytes.length > UnixAddress.LONGEST) {
            throw new ConfigException(
                    path
                            + ": is too long for a socket by "
                            + (bytes.length - UnixAddress.LONGEST)
                            + " bytes; set XDG_RUNTIME_DIR to a shorter folder");
        }
        this.path = path;
        this.address = new UnixAddress(bytes);
    }

    /** Opens a socket that is not connected. */
    static Fd socket(String name) {
        int type = SOCK_SEQPACKET | Libc.SOCK_CLOEXEC;
        return Fd.of(LIBC.socket(Libc.AF_UNIX, type, 0), name, "socket");
    }

    /** Returns whether a descriptor is a socket of this kind that listens at a path. */
    static boolean isListening(int fd, Path path) {
        try (SocketAddress expected = new SocketAddress(path);
                Mapping room = Mapping.anonymous(OPTION)) {
            return option(fd, SO_TYPE, room) == SOCK_SEQPACKET
                    && option(fd, SO_ACCEPTCONN, room) == 1
                    && expected.address.isOf(fd);
        }
    }

    // The value of an option that is an int, or the negated errno.
    private static int option(int fd, int option, Mapping room) {
        ByteBuffer bytes = room.window(0, OPTION).putInt(LENGTH, Integer.BYTES);
        long at = room.address();
        long result =
                LIBC.syscall(Libc.SYS_GETSOCKOPT, fd, Libc.SOL_SOCKET, option, at, at + LENGTH);
        return result < 0 ? (int) result : bytes.getInt(0);
    }

    /** bind(2). */
    void bind(Fd socket) {
        check("bind", address.bind(socket.number()));
    }

    /** Returns 0, or the negated errno of connect(2). */
    int connect(Fd socket) {
        return address.connect(socket.number());
    }

    private void check(String operation, int result) {
        if (result < 0) {
            throw Errno.exception(path + ": " + operation, -result);
        }
    }

    /** Bounds how long the socket waits: for messages, for connections and to be connected. */
    static void setTimeout(Fd socket, int seconds) {
        try (Mapping time = Mapping.anonymous(TIMEVAL)) {
            time.window(0, TIMEVAL).putLong(0, seconds);
            for (int option : new int[] {SO_RCVTIMEO, SO_SNDTIMEO}) {
                set(socket, option, time, TIMEVAL);
            }
        }
    }

    /** Has the kernel tell of each message from now on which process sent it. */
    static void tellSenders(Fd socket) {
        try (Mapping room = Mapping.anonymous(LENGTH)) {
            room.window(0, LENGTH).putInt(0, 1);
            set(socket, SO_PASSCRED, room, LENGTH);
        }
    }

    private static void set(Fd socket, int option, Mapping value, int length) {
        long address = value.address();
        int number = socket.number();
        long result =
                LIBC.syscall(Libc.SYS_SETSOCKOPT, number, Libc.SOL_SOCKET, option, address, length);
        if (result < 0) {
            throw Errno.exception(socket.name() + ": setsockopt", (int) -result);
        }
    }

    /**
     * Returns the process at the other end, 0 if that is not to be seen from here, and a negative
     * number if it is not of a user.
     *
     * @param scratch a direct buffer, whose first bytes are lost
     */
    static int peer(Fd socket, int user, ByteBuffer scratch) {
        long address = LIBC.address(scratch);
        scratch.clear().putInt(UCRED, UCRED);
        long result =
                LIBC.syscall(
                        Libc.SYS_GETSOCKOPT,
                        socket.number(),
                        Libc.SOL_SOCKET,
                        SO_PEERCRED,
                        address,
                        address + UCRED);
        return result < 0 || scratch.getInt(UID) != user ? STRANGER : scratch.getInt(0);
    }

    @Override
    public void close() {
        address.close();
    }
}
