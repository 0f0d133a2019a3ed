package jukvm.io;

import jukvm.libc.Errno;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.text.HostText;

/** Stream sockets of this process at paths. Source: unix(7). */
final class UnixSocket {
    private static final Libc LIBC = Libc.get();

    private UnixSocket() {}

    /** Returns a socket that is connected, or the negated errno. */
    static int connect(String path) {
        return open(path, 0, UnixAddress::connect);
    }

    /** Returns a socket that waits for one peer without blocking, or the negated errno. */
    static int listen(String path) {
        return open(path, Libc.SOCK_NONBLOCK, UnixSocket::listen);
    }

    private static int listen(UnixAddress address, int socket) {
        int result = address.bind(socket);
        return result < 0 ? result : (int) LIBC.syscall(Libc.SYS_LISTEN, socket, 1, 0, 0, 0);
    }

    /** What is done with a new socket; returns a negated errno if it fails. */
    private interface Use {
        int of(UnixAddress address, int socket);
    }

    private static int open(String path, int flags, Use use) {
        byte[] bytes = HostText.encode(path);
        if (bytes.length > UnixAddress.LONGEST) {
            return -Errno.ENAMETOOLONG;
        }
        int type = Libc.SOCK_STREAM | Libc.SOCK_CLOEXEC | flags;
        int socket = LIBC.socket(Libc.AF_UNIX, type, 0);
        if (socket < 0) {
            return socket;
        }
        try (UnixAddress address = new UnixAddress(bytes)) {
            int result = use.of(address, socket);
            if (result < 0) {
                LIBC.close(socket);
                return result;
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
