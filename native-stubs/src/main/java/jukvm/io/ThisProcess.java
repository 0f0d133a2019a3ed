package jukvm.io;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import jukvm.libc.Errno;
import jukvm.libc.Libc;

/** The process that runs guests, as its own caller. Thread-safe. */
final class ThisProcess implements Requester {
    static final Requester CALLER = new ThisProcess();

    private static final Libc LIBC = Libc.get();

    private ThisProcess() {}

    @Override
    public int open(String path, int flags, int mode) {
        return LIBC.open(path, flags | Libc.O_CLOEXEC, mode);
    }

    @Override
    public int socket(int domain) {
        return LIBC.socket(domain, Libc.SOCK_DGRAM | Libc.SOCK_CLOEXEC, 0);
    }

    @Override
    public int inherited(int number) {
        return number < 0 ? -Errno.EBADF : number;
    }

    @Override
    public void giveBack(int fd) {
        // Whoever gave it to the process may go on using it.
    }

    @Override
    public int ioctl(int fd, long request, ByteBuffer argument) {
        try {
            return LIBC.ioctl(fd, request, LIBC.address(argument));
        } finally {
            Reference.reachabilityFence(argument);
        }
    }
}
