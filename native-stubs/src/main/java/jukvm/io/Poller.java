package jukvm.io;

import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import org.jspecify.annotations.Nullable;

/**
 * A place where one thread waits for a time to pass, and others can wake it for good.
 *
 * <p>{@link #await} belongs to one thread; {@link #wake} may be called from any thread at any time
 * and is never lost: after it, no wait blocks. The host's resources are taken at the first wait,
 * since most short-lived guests never wait.
 */
public final class Poller implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final long NANOS = 1_000_000_000L;
    private static final long FOREVER = Long.MAX_VALUE;
    private static final int NO_FD = -1;

    // Two struct pollfd {int fd; short events; short revents}: the waker and the one waited for.
    private static final int POLLFD = 8;
    private static final int EVENTS = 4;
    private static final int REVENTS = 6;
    private static final short POLLIN = 1;
    private static final short POLLOUT = 4;

    // After them a struct timespec {long seconds; long nanoseconds} and the count a wake-up writes.
    private static final int TIMEOUT = 2 * POLLFD;
    private static final int COUNT = TIMEOUT + 16;
    private static final int ARENA = 64;

    private volatile boolean woken;
    private @Nullable Opened opened;

    private record Opened(Fd waker, Mapping arena, ByteBuffer at) {}

    /**
     * Waits until the timeout has passed or {@link #wake} is called.
     *
     * @param timeoutNanos in nanoseconds; a negative one, which is how a guest's 2^63 and above
     *     arrive here, waits for ever
     */
    public void await(long timeoutNanos) {
        poll(NO_FD, (short) 0, timeoutNanos < 0 ? FOREVER : timeoutNanos);
    }

    /**
     * Waits until a descriptor takes bytes, or {@link #wake} is called.
     *
     * @return false if woken
     */
    boolean awaitWritable(int fd) {
        return poll(fd, POLLOUT, FOREVER);
    }

    /** Ends every wait, now and later. */
    public synchronized void wake() {
        woken = true;
        if (opened != null) {
            LIBC.write(opened.waker.number(), opened.arena.address() + COUNT, Long.BYTES);
        }
    }

    private boolean poll(int fd, short events, long timeout) {
        long start = System.nanoTime();
        long left = timeout;
        while (left > 0 && !woken) {
            Opened open = open();
            if (woken) {
                return false; // The wake came before there was a waker to write to.
            }
            ByteBuffer at = open.at;
            at.putInt(POLLFD, fd).putShort(POLLFD + EVENTS, events);
            at.putLong(TIMEOUT, left / NANOS).putLong(TIMEOUT + 8, left % NANOS);
            long address = open.arena.address();
            int result = LIBC.ppoll(address, 2, address + TIMEOUT);
            if (result < 0 && result != -Errno.EINTR) {
                throw Errno.exception("ppoll", -result);
            }
            if (result > 0 && at.getShort(POLLFD + REVENTS) != 0) {
                return true;
            }
            left = timeout == FOREVER ? FOREVER : timeout - (System.nanoTime() - start);
        }
        return false;
    }

    private synchronized Opened open() {
        if (opened == null) {
            Mapping arena = Mapping.anonymous(ARENA);
            Fd waker = waker(arena);
            ByteBuffer at = arena.window(0, ARENA);
            at.putInt(0, waker.number()).putShort(EVENTS, POLLIN).putLong(COUNT, 1);
            opened = new Opened(waker, arena, at);
        }
        return opened;
    }

    private static Fd waker(Mapping arena) {
        try {
            return Fd.event("poller");
        } catch (HostException e) {
            arena.close();
            throw e;
        }
    }

    /** Returns the host's resources; later waits return at once. Not while a thread waits. */
    @Override
    public synchronized void close() {
        woken = true;
        if (opened != null) {
            opened.waker.close();
            opened.arena.close();
            opened = null;
        }
    }
}
