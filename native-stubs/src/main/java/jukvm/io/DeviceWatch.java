package jukvm.io;

import java.nio.ByteBuffer;
import java.util.function.LongConsumer;
import jukvm.error.HostException;
import jukvm.host.Pollable;
import jukvm.libc.EpollEvent;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * Waits for any number of devices at once, of which each is told of once: the first time that it is
 * readable, or has failed, from when it was added.
 *
 * <p>One thread waits; what others call is thread-safe, but for {@link #close}: not while another
 * waits. Source: epoll(7), EPOLLONESHOT. The data of an event is the key.
 */
public final class DeviceWatch implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final int FOR_EVER = -1;

    // What is collected at once. The place after them is for calls of other threads.
    private static final int AT_ONCE = 256;
    private static final int AT_CONTROL = AT_ONCE * EpollEvent.SIZE;
    private static final int ARENA = AT_CONTROL + EpollEvent.SIZE;

    private static final long NO_KEY = -1;

    private final Fd fd;
    private final Mapping arena;
    private final ByteBuffer at;
    private final Doorbell end;

    private DeviceWatch(Fd fd, Mapping arena, Doorbell end) {
        this.fd = fd;
        this.arena = arena;
        this.at = arena.window(0, ARENA);
        this.end = end;
    }

    /**
     * Opens one that waits for nothing.
     *
     * @throws HostException if the host has no descriptor or memory for it
     */
    public static DeviceWatch open() {
        Mapping arena = Mapping.anonymous(ARENA);
        Doorbell end = null;
        Fd fd = null;
        try {
            end = Doorbell.open();
            fd = Fd.of(LIBC.epollCreate(Libc.O_CLOEXEC), "epoll", "epoll_create1");
            DeviceWatch made = new DeviceWatch(fd, arena, end);
            made.add(NO_KEY, end);
            return made;
        } catch (HostException e) {
            if (fd != null) {
                fd.close();
            }
            if (end != null) {
                end.close();
            }
            arena.close();
            throw e;
        }
    }

    /**
     * Adds a device.
     *
     * @param key of it, not negative; several may have the same
     * @throws HostException if the kernel refuses, as one that is there already
     */
    public synchronized void add(long key, Pollable device) {
        at.putInt(AT_CONTROL, EpollEvent.EPOLLIN | EpollEvent.EPOLLONESHOT)
                .putLong(AT_CONTROL + EpollEvent.DATA, key);
        int result = control(EpollEvent.EPOLL_CTL_ADD, device);
        if (result < 0) {
            throw Errno.exception(device.fd().name() + ": EPOLL_CTL_ADD", -result);
        }
    }

    /** Takes out a device; nothing if it is not there. */
    public synchronized void remove(Pollable device) {
        if (device.fd().isOpen()) { // Else it went with its descriptor.
            int unused = control(EpollEvent.EPOLL_CTL_DEL, device);
        }
    }

    private int control(int operation, Pollable device) {
        return LIBC.epollControl(
                fd.number(), operation, device.fd().number(), arena.address() + AT_CONTROL);
    }

    /**
     * Waits until {@link #end} is called.
     *
     * @param ready is told the key of each device that has become ready, which may have been taken
     *     out meanwhile
     * @throws HostException if the kernel refuses
     */
    public void await(LongConsumer ready) {
        while (true) {
            int count = LIBC.epollWait(fd.number(), arena.address(), AT_ONCE, FOR_EVER);
            if (count < 0 && count != -Errno.EINTR) {
                throw Errno.exception("epoll_wait", -count);
            }
            for (int i = 0; i < count; i++) {
                long key = at.getLong(i * EpollEvent.SIZE + EpollEvent.DATA);
                if (key == NO_KEY) {
                    return;
                }
                ready.accept(key);
            }
        }
    }

    /** Ends the wait, once; whoever waits may close this then. */
    public void end() {
        end.ring();
    }

    @Override
    public void close() {
        fd.close();
        end.close();
        arena.close();
    }
}
