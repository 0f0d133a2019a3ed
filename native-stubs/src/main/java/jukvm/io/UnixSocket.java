package jukvm.io;

import java.nio.ByteBuffer;
import jukvm.libc.Errno;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.text.HostText;

/** Stream sockets of this process at paths. Source: unix(7), struct sockaddr_un. */
final class UnixSocket {
    private static final Libc LIBC = Libc.get();
    private static final int PATH = 2; // after the family, u16
    private static final int SIZE = 110;

    private UnixSocket() {}

    /** Returns a socket that is connected, or the negated errno. */
    static int connect(String path) {
        return open(path, Libc.SYS_CONNECT, 0);
    }

    /** Returns a socket that waits for one peer without blocking, or the negated errno. */
    static int listen(String path) {
        return open(path, Libc.SYS_BIND, Libc.SOCK_NONBLOCK);
    }

    private static int open(String path, int call, int flags) {
        byte[] bytes = HostText.encode(path);
        if (bytes.length >= SIZE - PATH) {
            return -Errno.ENAMETOOLONG;
        }
        int type = Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC | flags;
        int socket = LIBC.socket(Libc.AF_UNIX, type, 0);
        if (socket < 0) {
            return socket;
        }
        try (Mapping address = Mapping.anonymous(SIZE)) {
            ByteBuffer at = address.window(0, SIZE);
            at.putShort(0, (short) Libc.AF_UNIX).put(PATH, bytes);
            long result = LIBC.syscall(call, socket, address.address(), SIZE, 0, 0);
            if (result >= 0 && call == Libc.SYS_BIND) {
                result = LIBC.syscall(Libc.SYS_LISTEN, socket, 1, 0, 0, 0);
            }
            if (result < 0) {
                LIBC.close(socket);
                return (int) result;
            }
            return socket;
        }
    }

    /** unlink(2). */
    static int unlink(String path) {
        byte[] bytes = HostText.encode(path);
        try (Mapping name = Mapping.anonymous(bytes.length + 1)) {
            name.window(0, bytes.length).put(bytes);
            return (int) LIBC.syscall(Libc.SYS_UNLINK, name.address(), 0, 0, 0, 0);
        }
    }
}
