package jukvm.libc;

import com.kenai.jffi.Function;
import com.kenai.jffi.HeapInvocationBuffer;
import com.kenai.jffi.Invoker;
import com.kenai.jffi.Library;
import com.kenai.jffi.MemoryIO;
import com.kenai.jffi.Type;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Runtime;

/**
 * The second binding: jnr-ffi, for {@code -Djukvm.native=jnr}.
 *
 * <p>jnr-ffi 2.3.4's stubs for x86-64 pass garbage as the sixth argument of a function of six, mmap
 * for one. Functions of seven take another path, which is right: hence syscall, with all it can
 * take.
 */
final class JnrLibc implements Libc {
    private static final long SYS_MMAP = 9;
    private static final String LIBRARY = "libc.so.6";

    private final C c = LibraryLoader.create(C.class).load("c");
    private final Runtime runtime = Runtime.getRuntime(c);
    private final MemoryIO memory = MemoryIO.getInstance();

    @Override
    public int open(byte[] path, int flags, int mode) {
        return result(c.open(path, flags, mode));
    }

    @Override
    public int close(int fd) {
        return result(c.close(fd));
    }

    @Override
    public long read(int fd, long address, long length) {
        return result(c.read(fd, address, length));
    }

    @Override
    public long write(int fd, long address, long length) {
        return result(c.write(fd, address, length));
    }

    @Override
    public long pread(int fd, long address, long length, long offset) {
        return result(c.pread(fd, address, length, offset));
    }

    @Override
    public long pwrite(int fd, long address, long length, long offset) {
        return result(c.pwrite(fd, address, length, offset));
    }

    @Override
    public int ioctl(int fd, long request, long argument) {
        return result(c.ioctl(fd, request, argument));
    }

    @Override
    public long mmap(long address, long length, int protection, int flags, int fd, long offset) {
        return result(c.syscall(SYS_MMAP, address, length, protection, flags, fd, offset));
    }

    @Override
    public int munmap(long address, long length) {
        return result(c.munmap(address, length));
    }

    @Override
    public int ppoll(long pollfds, long count, long timeout) {
        return result(c.ppoll(pollfds, count, timeout, 0));
    }

    @Override
    public int epollWait(int epoll, long events, int count, int timeoutMillis) {
        return result(c.epoll_wait(epoll, events, count, timeoutMillis));
    }

    @Override
    public int eventfd(int initial, int flags) {
        return result(c.eventfd(initial, flags));
    }

    @Override
    public long syscall(long number, long a, long b, long c, long d, long e) {
        return result(this.c.syscall(number, a, b, c, d, e, 0));
    }

    @Override
    public long call(String function, long... arguments) {
        long address = Library.getCachedInstance(LIBRARY, Library.LAZY).getSymbolAddress(function);
        if (address == 0) {
            return -Errno.ENOSYS;
        }
        Type[] types = new Type[arguments.length];
        Arrays.fill(types, Type.SINT64);
        Function called = new Function(address, Type.SINT64, types);
        HeapInvocationBuffer buffer = new HeapInvocationBuffer(called);
        for (long argument : arguments) {
            buffer.putLong(argument);
        }
        return Invoker.getInstance().invokeLong(called, buffer);
    }

    @Override
    public ByteBuffer buffer(long address, int length) {
        return memory.newDirectByteBuffer(address, length).order(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public long address(ByteBuffer direct) {
        return memory.getDirectBufferAddress(direct);
    }

    @Override
    public String name() {
        return "jnr";
    }

    // jnr-ffi stores errno per thread as part of each native call, as JNA does.
    private int result(int returned) {
        return returned == -1 ? -runtime.getLastError() : returned;
    }

    private long result(long returned) {
        return returned == -1 ? -runtime.getLastError() : returned;
    }

    /** The natives, with C's names; public because jnr-ffi implements it in another package. */
    public interface C {
        int open(byte[] path, int flags, int mode);

        int close(int fd);

        long read(int fd, long address, long length);

        long write(int fd, long address, long length);

        long pread(int fd, long address, long length, long offset);

        long pwrite(int fd, long address, long length, long offset);

        int ioctl(int fd, long request, long argument);

        int munmap(long address, long length);

        int ppoll(long pollfds, long count, long timeout, long signals);

        int epoll_wait(int epoll, long events, int count, int timeout);

        int eventfd(int initial, int flags);

        long syscall(long number, long a, long b, long c, long d, long e, long f);
    }
}
