package jukvm.libc;

import com.sun.jna.Function;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The default binding: JNA direct mapping. That takes a cold JVM 10 ms and more to bind, most of it
 * for JNA's own structures, so the first calls are made by {@link Function}, at three times the
 * time of a call.
 */
final class JnaLibc implements Libc {
    // A short run of a guest makes a hundred.
    private static final int EARLY_CALLS = 500;
    private static final int NO_DESCRIPTOR = -1;

    private final AtomicInteger left;
    private volatile boolean bound;

    /**
     * Makes the binding. The system property {@code jukvm.early.calls} is how many calls it makes
     * before it is bound, for whoever records what a JVM loads.
     */
    JnaLibc() {
        this(Integer.getInteger("jukvm.early.calls", EARLY_CALLS));
    }

    JnaLibc(int early) {
        left = new AtomicInteger(early);
        bound = early == 0;
    }

    @Override
    public int open(byte[] path, int flags, int mode) {
        return result(bound ? C.open(path, flags, mode) : (int) early("open", path, flags, mode));
    }

    @Override
    public int close(int fd) {
        return result(bound ? C.close(fd) : (int) early("close", fd));
    }

    @Override
    public long read(int fd, long address, long length) {
        return result(bound ? C.read(fd, address, length) : early("read", fd, address, length));
    }

    @Override
    public long write(int fd, long address, long length) {
        return result(bound ? C.write(fd, address, length) : early("write", fd, address, length));
    }

    @Override
    public long pread(int fd, long address, long length, long offset) {
        return result(
                bound
                        ? C.pread(fd, address, length, offset)
                        : early("pread", fd, address, length, offset));
    }

    @Override
    public long pwrite(int fd, long address, long length, long offset) {
        return result(
                bound
                        ? C.pwrite(fd, address, length, offset)
                        : early("pwrite", fd, address, length, offset));
    }

    @Override
    public int ioctl(int fd, long request, long argument) {
        return result(
                bound
                        ? C.ioctl(fd, request, argument)
                        : (int) early("ioctl", fd, request, argument));
    }

    @Override
    public long mmap(long address, long length, int protection, int flags, int fd, long offset) {
        return result(
                bound
                        ? C.mmap(address, length, protection, flags, fd, offset)
                        : early("mmap", address, length, protection, flags, fd, offset));
    }

    @Override
    public int munmap(long address, long length) {
        return result(bound ? C.munmap(address, length) : (int) early("munmap", address, length));
    }

    @Override
    public int ppoll(long pollfds, long count, long timeout) {
        return result(
                bound
                        ? C.ppoll(pollfds, count, timeout, 0)
                        : (int) early("ppoll", pollfds, count, timeout, 0));
    }

    @Override
    public int epollWait(int epoll, long events, int count, int timeoutMillis) {
        return result(
                bound
                        ? C.epoll_wait(epoll, events, count, timeoutMillis)
                        : (int) early("epoll_wait", epoll, events, count, timeoutMillis));
    }

    @Override
    public int eventfd(int initial, int flags) {
        return result(bound ? C.eventfd(initial, flags) : (int) early("eventfd", initial, flags));
    }

    @Override
    public long syscall(long number, long a, long b, long c, long d, long e) {
        return result(
                bound ? C.syscall(number, a, b, c, d, e) : early("syscall", number, a, b, c, d, e));
    }

    @Override
    public long call(String function, long... arguments) {
        try {
            return Early.LIBRARY
                    .getFunction(function)
                    .invokeLong(Arrays.stream(arguments).boxed().toArray());
        } catch (UnsatisfiedLinkError e) {
            return -Errno.ENOSYS;
        }
    }

    @Override
    public ByteBuffer buffer(long address, int length) {
        return new Pointer(address).getByteBuffer(0, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public long address(ByteBuffer direct) {
        return Pointer.nativeValue(Native.getDirectBufferPointer(direct));
    }

    @Override
    public String name() {
        return "jna";
    }

    // What the function returns as an int is in the lower half.
    private long early(String function, Object... arguments) {
        if (left.decrementAndGet() == 0) {
            beginToBind();
        }
        return Early.LIBRARY.getFunction(function).invokeLong(arguments);
    }

    // Meanwhile calls go on: one of them may be a guest's.
    private void beginToBind() {
        Thread thread = new Thread(this::bind, "jukvm-binding");
        thread.setDaemon(true);
        try {
            thread.start();
        } catch (OutOfMemoryError e) {
            left.set(EARLY_CALLS); // The host allows no more threads now: later.
        }
    }

    // Any call would do.
    private void bind() {
        C.close(NO_DESCRIPTOR);
        bound = true;
    }

    // JNA stores errno per thread as part of each native call: reading it later is safe.
    private static int result(int returned) {
        return returned == -1 ? -Native.getLastError() : returned;
    }

    private static long result(long returned) {
        return returned == -1 ? -Native.getLastError() : returned;
    }

    /** Loaded with the first call, which is where it is looked for that JNA cannot be loaded. */
    private static final class Early {
        static final NativeLibrary LIBRARY = NativeLibrary.getInstance("c");
    }

    /** The natives, with C's names; varargs functions are declared with the arguments we pass. */
    private static final class C {
        static {
            Native.register(C.class, "c");
        }

        static native int open(byte[] path, int flags, int mode);

        static native int close(int fd);

        static native long read(int fd, long address, long length);

        static native long write(int fd, long address, long length);

        static native long pread(int fd, long address, long length, long offset);

        static native long pwrite(int fd, long address, long length, long offset);

        static native int ioctl(int fd, long request, long argument);

        static native long mmap(
                long address, long length, int protection, int flags, int fd, long offset);

        static native int munmap(long address, long length);

        static native int ppoll(long pollfds, long count, long timeout, long signals);

        static native int epoll_wait(int epoll, long events, int count, int timeout);

        static native int eventfd(int initial, int flags);

        static native long syscall(long number, long a, long b, long c, long d, long e);
    }
}
