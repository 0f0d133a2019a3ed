package jukvm.libc;

import java.lang.reflect.Field;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The first binding, of whose calls one fails if that is asked for: the kernel does not see it.
 * What gives something back is carried out and then said to have failed, as Linux does with close.
 *
 * <p>Calls are told apart by what is asked of the kernel, such as {@code ioctl 0xae80}, and
 * counted.
 */
public class FaultyLibc implements Libc {
    private static final Map<Long, String> NUMBERS = numbers();
    private static final Map<String, Integer> MADE = new ConcurrentSkipListMap<>();
    private static final AtomicReference<Fault> NEXT = new AtomicReference<>();

    private final Libc real = new JnaLibc();

    /** Which call fails, the first being number 1, and how. */
    private record Fault(String call, int number, int errno) {}

    private static Map<Long, String> numbers() {
        Map<Long, String> names = new ConcurrentHashMap<>();
        for (Field field : Libc.class.getFields()) {
            if (field.getName().startsWith("SYS_")) {
                try {
                    names.put((long) field.getInt(null), field.getName().substring(4));
                } catch (IllegalAccessException e) {
                    throw new AssertionError(e);
                }
            }
        }
        return names;
    }

    /** Counts from now on, and has a call fail. */
    public static void fail(String call, int number, int errno) {
        MADE.clear();
        NEXT.set(new Fault(call, number, errno));
    }

    /** Counts from now on, and has no call fail. */
    public static void count() {
        NEXT.set(null);
        MADE.clear();
    }

    /** Returns how often each call was made since. */
    public static Map<String, Integer> made() {
        return Map.copyOf(MADE);
    }

    /** Returns whether the call that was to fail has, and has no other fail. */
    public static boolean hasFailed() {
        return NEXT.getAndSet(null) == null;
    }

    /** Returns the errno that a call is to fail with, or 0. */
    private static int errno(String call) {
        int number = MADE.merge(call, 1, Integer::sum);
        Fault fault = NEXT.get();
        if (fault == null || !fault.call.equals(call) || fault.number != number) {
            return 0;
        }
        return NEXT.compareAndSet(fault, null) ? fault.errno : 0;
    }

    @Override
    public int open(byte[] path, int flags, int mode) {
        int errno = errno("open");
        return errno == 0 ? real.open(path, flags, mode) : -errno;
    }

    @Override
    public int close(int fd) {
        int result = real.close(fd);
        int errno = errno("close");
        return errno == 0 ? result : -errno;
    }

    @Override
    public long read(int fd, long address, long length) {
        int errno = errno("read");
        return errno == 0 ? real.read(fd, address, length) : -errno;
    }

    @Override
    public long write(int fd, long address, long length) {
        int errno = errno("write");
        return errno == 0 ? real.write(fd, address, length) : -errno;
    }

    @Override
    public long pread(int fd, long address, long length, long offset) {
        int errno = errno("pread");
        return errno == 0 ? real.pread(fd, address, length, offset) : -errno;
    }

    @Override
    public long pwrite(int fd, long address, long length, long offset) {
        int errno = errno("pwrite");
        return errno == 0 ? real.pwrite(fd, address, length, offset) : -errno;
    }

    @Override
    public int ioctl(int fd, long request, long argument) {
        int errno = errno("ioctl 0x" + Long.toHexString(request));
        return errno == 0 ? real.ioctl(fd, request, argument) : -errno;
    }

    @Override
    public long mmap(long address, long length, int protection, int flags, int fd, long offset) {
        int errno = errno("mmap");
        return errno == 0 ? real.mmap(address, length, protection, flags, fd, offset) : -errno;
    }

    @Override
    public int munmap(long address, long length) {
        int result = real.munmap(address, length);
        int errno = errno("munmap");
        return errno == 0 ? result : -errno;
    }

    @Override
    public int ppoll(long pollfds, long count, long timeout) {
        int errno = errno("ppoll");
        return errno == 0 ? real.ppoll(pollfds, count, timeout) : -errno;
    }

    @Override
    public int epollWait(int epoll, long events, int count, int timeoutMillis) {
        int errno = errno("epoll_wait");
        return errno == 0 ? real.epollWait(epoll, events, count, timeoutMillis) : -errno;
    }

    @Override
    public int eventfd(int initial, int flags) {
        int errno = errno("eventfd");
        return errno == 0 ? real.eventfd(initial, flags) : -errno;
    }

    @Override
    public long syscall(long number, long a, long b, long c, long d, long e) {
        String name = NUMBERS.getOrDefault(number, Long.toString(number));
        int errno = errno("syscall " + name + (number == SYS_FCNTL ? " " + b : ""));
        return errno == 0 ? real.syscall(number, a, b, c, d, e) : -errno;
    }

    @Override
    public long call(String function, long... arguments) {
        int errno = errno("call " + function);
        return errno == 0 ? real.call(function, arguments) : -errno;
    }

    @Override
    public ByteBuffer buffer(long address, int length) {
        return real.buffer(address, length);
    }

    @Override
    public long address(ByteBuffer direct) {
        return real.address(direct);
    }

    @Override
    public String name() {
        return real.name();
    }
}
