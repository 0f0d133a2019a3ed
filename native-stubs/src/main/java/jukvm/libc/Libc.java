package jukvm.libc;

import java.nio.ByteBuffer;

/**
 * The libc functions jukvm calls, as two bindings provide them.
 *
 * <p>Every function returns what the system call behind it returns: zero or more, or the negated
 * errno, read in the same native call so that nothing can come between. Addresses are host
 * addresses; a wrong one kills the JVM. All functions may be called from any thread.
 *
 * <p>The numbers of constants and system calls are those of Linux on x86-64.
 */
public interface Libc {
    int O_RDONLY = 0;
    int O_RDWR = 2;
    int O_NONBLOCK = 0x800;
    int O_CLOEXEC = 0x80000;

    int PROT_NONE = 0;
    int PROT_READ_WRITE = 3;
    int MAP_SHARED = 0x1;
    int MAP_PRIVATE = 0x2;
    int MAP_FIXED = 0x10;
    int MAP_ANONYMOUS = 0x20;
    int MAP_NORESERVE = 0x4000;

    int EFD_CLOEXEC = O_CLOEXEC;
    int EFD_NONBLOCK = O_NONBLOCK;

    int SYS_RT_SIGPROCMASK = 14;
    int SYS_RT_SIGTIMEDWAIT = 128;
    int SYS_GETTID = 186;
    int SYS_TGKILL = 234;
    int SYS_STATX = 332;

    /** Returns the process-wide binding, chosen by the system property {@code jukvm.native}. */
    static Libc get() {
        return LibcChoice.CHOSEN;
    }

    /** open(2) of {@code path} with {@code flags}; never creates. */
    int open(String path, int flags);

    /** close(2). */
    int close(int fd);

    /** read(2) of {@code length} bytes to the host address {@code address}. */
    long read(int fd, long address, long length);

    /** write(2) of {@code length} bytes from the host address {@code address}. */
    long write(int fd, long address, long length);

    /** ioctl(2); {@code argument} is a number or a host address, as {@code request} wants. */
    int ioctl(int fd, long request, long argument);

    /** mmap(2); returns the host address of the mapping. */
    long mmap(long address, long length, int protection, int flags, int fd, long offset);

    /** munmap(2). */
    int munmap(long address, long length);

    /** ppoll(2) with no signal mask; {@code timeout} is the address of a timespec, or 0. */
    int ppoll(long pollfds, long count, long timeout);

    /** eventfd(2). */
    int eventfd(int initial, int flags);

    /** syscall(2) by {@code number}, with five arguments. */
    long syscall(long number, long a, long b, long c, long d, long e);

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
