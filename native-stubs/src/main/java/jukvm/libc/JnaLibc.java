package jukvm.libc;

import com.sun.jna.Native;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** The default binding: JNA direct mapping, which starts fastest. */
final class JnaLibc implements Libc {
    @Override
    public int open(String path, int flags, int mode) {
        return result(C.open(path, flags, mode));
    }

    @Override
    public int close(int fd) {
        return result(C.close(fd));
    }

    @Override
    public long read(int fd, long address, long length) {
        return result(C.read(fd, address, length));
    }

    @Override
    public long write(int fd, long address, long length) {
        return result(C.write(fd, address, length));
    }

    @Override
    public long pread(int fd, long address, long length, long offset) {
        return result(C.pread(fd, address, length, offset));
    }

    @Override
    public long pwrite(int fd, long address, long length, long offset) {
        return result(C.pwrite(fd, address, length, offset));
    }

    @Override
    public int ioctl(int fd, long request, long argument) {
        return result(C.ioctl(fd, request, argument));
    }

    @Override
    public long mmap(long address, long length, int protection, int flags, int fd, long offset) {
        return result(C.mmap(address, length, protection, flags, fd, offset));
    }

    @Override
    public int munmap(long address, long length) {
        return result(C.munmap(address, length));
    }

    @Override
    public int ppoll(long pollfds, long count, long timeout) {
        return result(C.ppoll(pollfds, count, timeout, 0));
    }

    @Override
    public int epollWait(int epoll, long events, int count, int timeoutMillis) {
        return result(C.epoll_wait(epoll, events, count, timeoutMillis));
    }

    @Override
    public int eventfd(int initial, int flags) {
        return result(C.eventfd(initial, flags));
    }

    @Override
    public long syscall(long number, long a, long b, long c, long d, long e) {
        return result(C.syscall(number, a, b, c, d, e));
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

    // JNA stores errno per thread as part of each native call: reading it later is safe.
    private static int result(int returned) {
        return returned == -1 ? -Native.getLastError() : returned;
    }

    private static long result(long returned) {
        return returned == -1 ? -Native.getLastError() : returned;
    }

    /** The natives, with C's names; varargs functions are declared with the arguments we pass. */
    private static final class C {
        static {
            Native.register(C.class, "c");
        }

        static native int open(String path, int flags, int mode);

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
