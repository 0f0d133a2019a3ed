package jukvm.libc;

import java.nio.ByteBuffer;
import jukvm.error.HostException;

/**
 * Up to 64 descriptors, and which of them are readable now: one bit each. The set is itself a
 * descriptor that is readable while one of them is. Used by one thread at a time.
 *
 * <p>Source: epoll(7), level-triggered. The data of an event is the bit's number.
 */
public final class EpollSet implements AutoCloseable {
    /** How many descriptors there can be. */
    public static final int CAPACITY = 64;

    private static final Libc LIBC = Libc.get();

    private static final int EPOLL_CLOEXEC = Libc.O_CLOEXEC;

    private final Fd fd;
    private final Mapping arena;
    private final ByteBuffer at;
    private long failed;

    private EpollSet(Fd fd, Mapping arena) {
        this.fd = fd;
        this.arena = arena;
        this.at = arena.window(0, arena.length());
    }

    /**
     * Opens an empty set.
     *
     * @throws HostException if the host has no descriptor or memory for it
     */
    public static EpollSet open() {
        Mapping arena = Mapping.anonymous(CAPACITY * EpollEvent.SIZE);
        try {
            int result = LIBC.epollCreate(EPOLL_CLOEXEC);
            return new EpollSet(Fd.of(result, "epoll", "epoll_create1"), arena);
        } catch (HostException e) {
            arena.close();
            throw e;
        }
    }

    /** Returns the set's own descriptor. */
    public Fd fd() {
        return fd;
    }

    /** Returns the number of the set's own descriptor. */
    public int number() {
        return fd.number();
    }

    /**
     * Adds a descriptor.
     *
     * @param bit 0 to 63
     * @throws HostException if the kernel refuses
     */
    public void add(int bit, Fd member) {
        at.putInt(EpollEvent.EVENTS, EpollEvent.EPOLLIN).putLong(EpollEvent.DATA, bit);
        control(EpollEvent.EPOLL_CTL_ADD, "EPOLL_CTL_ADD", member);
    }

    /**
     * Takes a descriptor out again; it must still be open.
     *
     * @throws HostException if the kernel refuses
     */
    public void remove(Fd member) {
        control(EpollEvent.EPOLL_CTL_DEL, "EPOLL_CTL_DEL", member);
    }

    private void control(int operation, String name, Fd member) {
        int result = LIBC.epollControl(number(), operation, member.number(), arena.address());
        if (result < 0) {
            throw Errno.exception(member.name() + ": " + name, -result);
        }
    }

    /**
     * Returns the bits of those that are readable or have failed, without waiting.
     *
     * @throws HostException if the kernel refuses
     */
    public long collect() {
        int count;
        do {
            count = LIBC.epollWait(number(), arena.address(), CAPACITY, 0);
        } while (count == -Errno.EINTR);
        if (count < 0) {
            throw Errno.exception("epoll_wait", -count);
        }
        long ready = 0;
        failed = 0;
        for (int i = 0; i < count; i++) {
            long bit = 1L << at.getLong(i * EpollEvent.SIZE + EpollEvent.DATA);
            ready |= bit;
            if ((at.getInt(i * EpollEvent.SIZE + EpollEvent.EVENTS) & EpollEvent.EPOLLIN) == 0) {
                failed |= bit; // EPOLLERR or EPOLLHUP, which are never masked.
            }
        }
        return ready;
    }

    /** Returns the bits of those that had failed at the last {@link #collect}: nothing to read. */
    public long failed() {
        return failed;
    }

    @Override
    public void close() {
        fd.close();
        arena.close();
    }
}
