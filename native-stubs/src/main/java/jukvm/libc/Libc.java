package jukvm.libc;

import java.nio.ByteBuffer;
import java.util.Arrays;
import jukvm.text.HostText;

/**
 * The libc functions jukvm calls, as two bindings provide them.
 *
 * <p>Every function returns what the system call behind it returns: zero or more, or the negated
 * errno, read in the same native call so that nothing can come between. Addresses are host
 * addresses; a wrong one kills the JVM. All functions may be called from any thread.
 *
 * <p>What a guest waits for is bound by its name; what only happens at its start and end goes
 * through syscall, because each name costs time in a cold JVM.
 *
 * <p>The numbers of constants and system calls are those of Linux on x86-64.
 */
public interface Libc {
    int O_RDONLY = 0;
    int O_WRONLY = 1;
    int O_RDWR = 2;
    int O_ACCMODE = 3;
    int O_CREAT = 0x40;
    int O_EXCL = 0x80;
    int O_NOCTTY = 0x100;
    int O_TRUNC = 0x200;
    int O_NONBLOCK = 0x800;
    int O_DSYNC = 0x1000;
    int O_DIRECTORY = 0x10000;
    int O_NOFOLLOW = 0x20000;
    int O_CLOEXEC = 0x80000;
    int O_PATH = 0x200000;

    int SEEK_END = 2;
    int SEEK_DATA = 3;
    int SEEK_HOLE = 4;
    int F_SETFD = 2;
    int F_GETFL = 3;
    int F_SETFL = 4;
    int F_SETOWN = 8;
    int F_SETSIG = 10;
    int F_OFD_SETLK = 37;
    int F_SETLEASE = 1024;
    int F_RDLCK = 0;
    int SIGTERM = 15;
    int F_DUPFD_CLOEXEC = 1030;
    int F_ADD_SEALS = 1033;
    int F_SEAL_ALL = 0xf;
    int F_SEAL_LENGTH = 7;
    int FD_CLOEXEC = 1;
    int FIONREAD = 0x541b;

    int PROT_NONE = 0;
    int PROT_READ = 1;
    int PROT_READ_WRITE = 3;
    int PROT_EXEC = 4;
    int MAP_SHARED = 0x1;
    int MAP_PRIVATE = 0x2;
    int MAP_FIXED = 0x10;
    int MAP_ANONYMOUS = 0x20;
    int MAP_NORESERVE = 0x4000;

    int EFD_CLOEXEC = O_CLOEXEC;
    int EFD_NONBLOCK = O_NONBLOCK;

    int AF_UNIX = 1;
    int AF_INET = 2;
    int AF_NETLINK = 16;
    int SOCK_STREAM = 1;
    int SOCK_DGRAM = 2;
    int SOCK_SEQPACKET = 5;
    int SOCK_CLOEXEC = O_CLOEXEC;
    int SOCK_NONBLOCK = O_NONBLOCK;
    int SOL_SOCKET = 1;

    int SYS_LSEEK = 8;
    int MADV_DONTNEED = 4;
    int MADV_POPULATE_WRITE = 23;

    int SYS_MPROTECT = 10;
    int SYS_RT_SIGACTION = 13;
    int SYS_RT_SIGPROCMASK = 14;
    int SYS_MINCORE = 27;
    int SYS_MADVISE = 28;
    int SYS_SOCKET = 41;
    int SYS_CONNECT = 42;
    int SYS_SENDTO = 44;
    int SYS_RECVFROM = 45;
    int SYS_SENDMSG = 46;
    int SYS_RECVMSG = 47;
    int SYS_SHUTDOWN = 48;
    int SYS_BIND = 49;
    int SYS_LISTEN = 50;
    int SYS_GETSOCKNAME = 51;
    int SYS_SOCKETPAIR = 53;
    int SYS_SETSOCKOPT = 54;
    int SYS_GETSOCKOPT = 55;
    int SYS_FCNTL = 72;
    int SYS_FLOCK = 73;
    int SYS_FSYNC = 74;
    int SYS_FDATASYNC = 75;
    int SYS_FTRUNCATE = 77;
    int SYS_FCHDIR = 81;
    int SYS_UNLINK = 87;
    int SYS_GETEUID = 107;
    int SYS_RT_SIGTIMEDWAIT = 128;
    int SYS_GETTID = 186;
    int SYS_CLOCK_GETTIME = 228;
    int SYS_EPOLL_CTL = 233;
    int SYS_TGKILL = 234;
    int SYS_WAITID = 247;
    int SYS_OPENAT = 257;
    int SYS_MKDIRAT = 258;
    int SYS_NEWFSTATAT = 262;
    int SYS_UNLINKAT = 263;
    int SYS_RENAMEAT = 264;
    int SYS_LINKAT = 265;
    int SYS_FACCESSAT = 269;
    int SYS_ACCEPT4 = 288;
    int SYS_EPOLL_CREATE1 = 291;
    int SYS_PIPE2 = 293;
    int SYS_PRLIMIT64 = 302;
    int SYS_GETRANDOM = 318;
    int SYS_MEMFD_CREATE = 319;
    int SYS_PIDFD_SEND_SIGNAL = 424;
    int SYS_PIDFD_OPEN = 434;

    int MFD_CLOEXEC = 1;
    int MFD_ALLOW_SEALING = 2;

    /** Returns the process-wide binding, chosen by the system property {@code jukvm.native}. */
    static Libc get() {
        return LibcChoice.CHOSEN;
    }

    /**
     * open(2) with {@code flags}; {@code mode} is that of a file it creates.
     *
     * @param path its bytes and a zero byte
     */
    int open(byte[] path, int flags, int mode);

    /**
     * open(2) of {@code path}, as {@link HostText} has it, with {@code flags}; {@code mode} is that
     * of a file it creates. No file has a zero character in its name: that is EINVAL.
     */
    default int open(String path, int flags, int mode) {
        if (path.indexOf('\0') >= 0) {
            return -Errno.EINVAL;
        }
        byte[] bytes = HostText.encode(path);
        return open(Arrays.copyOf(bytes, bytes.length + 1), flags, mode);
    }

    /** open(2) of {@code path} with {@code flags}; never creates. */
    default int open(String path, int flags) {
        return open(path, flags, 0);
    }

    /** close(2). */
    int close(int fd);

    /** read(2) of {@code length} bytes to the host address {@code address}. */
    long read(int fd, long address, long length);

    /** write(2) of {@code length} bytes from the host address {@code address}. */
    long write(int fd, long address, long length);

    /** pread(2) of {@code length} bytes at {@code offset} to the host address {@code address}. */
    long pread(int fd, long address, long length, long offset);

    /**
     * pwrite(2) of {@code length} bytes at {@code offset} from the host address {@code address}.
     */
    long pwrite(int fd, long address, long length, long offset);

    /** ioctl(2); {@code argument} is a number or a host address, as {@code request} wants. */
    int ioctl(int fd, long request, long argument);

    /** mmap(2); returns the host address of the mapping. */
    long mmap(long address, long length, int protection, int flags, int fd, long offset);

    /** munmap(2). */
    int munmap(long address, long length);

    /** ppoll(2) with no signal mask; {@code timeout} is the address of a timespec, or 0. */
    int ppoll(long pollfds, long count, long timeout);

    /** epoll_wait(2) for at most {@code count} events, stored from the host address given. */
    int epollWait(int epoll, long events, int count, int timeoutMillis);

    /** eventfd(2). */
    int eventfd(int initial, int flags);

    /** syscall(2) by {@code number}, with five arguments. */
    long syscall(long number, long a, long b, long c, long d, long e);

    /**
     * Calls a function that has no method here, since it is needed rarely.
     *
     * @param arguments numbers and host addresses, none of them floating-point
     * @return what it returns, of which a function of type int has set the lower half; {@code
     *     -ENOSYS} if this libc has no such function
     */
    long call(String function, long... arguments);

    /** lseek(2). */
    default long lseek(int fd, long offset, int whence) {
        return syscall(SYS_LSEEK, fd, offset, whence, 0, 0);
    }

    /** fcntl(2); {@code argument} is a number or a host address, as {@code command} wants. */
    default int fcntl(int fd, int command, long argument) {
        return (int) syscall(SYS_FCNTL, fd, command, argument, 0, 0);
    }

    /** fdatasync(2). */
    default int fdatasync(int fd) {
        return (int) syscall(SYS_FDATASYNC, fd, 0, 0, 0, 0);
    }

    /** socket(2). */
    default int socket(int domain, int type, int protocol) {
        return (int) syscall(SYS_SOCKET, domain, type, protocol, 0, 0);
    }

    /** epoll_create1(2). */
    default int epollCreate(int flags) {
        return (int) syscall(SYS_EPOLL_CREATE1, flags, 0, 0, 0, 0);
    }

    /** epoll_ctl(2); {@code event} is the address of a struct epoll_event, or 0. */
    default int epollControl(int epoll, int operation, int fd, long event) {
        return (int) syscall(SYS_EPOLL_CTL, epoll, operation, fd, event, 0);
    }

    /**
     * Returns a direct buffer over host memory, in native (little-endian) order.
     *
     * @param address host address of the first byte
     * @param length in bytes, at most 2 GiB - 1
     */
    ByteBuffer buffer(long address, int length);

    /**
     * Returns the host address of byte 0 of a direct buffer, whatever its position.
     *
     * @param direct a direct buffer
     */
    long address(ByteBuffer direct);

    /** Returns the name of the binding as {@code jukvm.native} spells it. */
    String name();
}
