package jukvm.io;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.List;
import jukvm.libc.Errno;
import jukvm.libc.Libc;
import jukvm.libc.Spawn;

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
    public int socket(int domain, int type) {
        return LIBC.socket(domain, type | Libc.SOCK_CLOEXEC, 0);
    }

    @Override
    public int connect(String path) {
        return UnixSocket.connect(path);
    }

    @Override
    public int listen(String path) {
        return UnixSocket.listen(path);
    }

    @Override
    public int unlink(String path) {
        return UnixSocket.unlink(path);
    }

    @Override
    public int start(List<String> words, int errors, int other) {
        int pid = Spawn.start(words, errors, other);
        return pid < 0 ? pid : (int) LIBC.syscall(Libc.SYS_PIDFD_OPEN, pid, 0, 0, 0, 0);
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
