package jukvm.libc;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import jukvm.error.HostException;

/** A file descriptor with a name for messages; closed once, whoever closes it. */
public final class Fd implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final int CLOSED = -1;

    private final String name;
    private final AtomicInteger number;

    private Fd(String name, int number) {
        this.name = name;
        this.number = new AtomicInteger(number);
    }

    /**
     * Opens {@code path}; close-on-exec is always added.
     *
     * @return the descriptor, named by its path
     * @throws HostException if the kernel refuses
     */
    public static Fd open(String path, int flags) {
        int fd = LIBC.open(path, flags | Libc.O_CLOEXEC);
        if (fd < 0) {
            throw Errno.exception(path + ": open", -fd);
        }
        return new Fd(path, fd);
    }

    /**
     * Takes over a descriptor that a call returned.
     *
     * @param result a descriptor, or a negated errno
     * @param name for messages
     * @param operation what was asked for, for messages
     * @throws HostException if {@code result} is an error
     */
    public static Fd of(int result, String name, String operation) {
        if (result < 0) {
            throw Errno.exception(name + ": " + operation, -result);
        }
        return new Fd(name, result);
    }

    /** Opens a new non-blocking eventfd with count 0, readable once it is written to. */
    public static Fd event(String name) {
        return of(LIBC.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK), name, "eventfd");
    }

    /**
     * Opens a new file without a name, in memory, which can be sealed.
     *
     * @param name for messages and for /proc, of ASCII
     * @throws HostException if the host has no descriptor or memory for it
     */
    public static Fd memory(String name) {
        byte[] bytes = ("jukvm-" + name + "\0").getBytes(StandardCharsets.US_ASCII);
        try (Mapping at = Mapping.anonymous(bytes.length)) {
            at.window(0, bytes.length).put(0, bytes);
            int flags = Libc.MFD_CLOEXEC | Libc.MFD_ALLOW_SEALING;
            long result = LIBC.syscall(Libc.SYS_MEMFD_CREATE, at.address(), flags, 0, 0, 0);
            return of((int) result, name, "memfd_create");
        }
    }

    /** Returns the name for messages. */
    public String name() {
        return name;
    }

    /** Returns whether it is open, at this moment. */
    public boolean isOpen() {
        return number.getPlain() != CLOSED;
    }

    /**
     * Returns the descriptor's number.
     *
     * @throws IllegalStateException if it is closed
     */
    public int number() {
        int fd = number.getPlain();
        if (fd == CLOSED) {
            throw new IllegalStateException(name + ": descriptor is closed");
        }
        return fd;
    }

    /**
     * Calls ioctl(2), again for as long as a signal interrupts it.
     *
     * @param operation the request's name, for messages
     * @return the result, zero or more
     * @throws HostException if the kernel refuses
     */
    public int ioctl(String operation, long request, long argument) {
        int result;
        do {
            result = LIBC.ioctl(number(), request, argument);
        } while (result == -Errno.EINTR);
        if (result < 0) {
            throw Errno.exception(name + ": " + operation, -result);
        }
        return result;
    }

    /**
     * Maps {@code length} bytes that this descriptor shares with the kernel.
     *
     * @throws HostException if the kernel refuses
     */
    public Mapping map(long length) {
        return Mapping.shared(number(), length);
    }

    @Override
    public void close() {
        int fd = number.getAndSet(CLOSED);
        if (fd != CLOSED) {
            LIBC.close(fd);
        }
    }
}
