package jukvm.io;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import jukvm.error.HostException;
import jukvm.host.Pollable;
import jukvm.libc.EpollSet;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import org.jspecify.annotations.Nullable;

/**
 * A place where one thread waits for a time to pass or for devices, and others can wake it for
 * good, or have it look what it is asked to do before it waits on.
 *
 * <p>{@link #await} belongs to one thread, and so do the devices watched; {@link #wake} may be
 * called from any thread at any time and is never lost: after it, no wait blocks. The host's
 * resources are taken at the first wait or with the first device, since most short-lived guests
 * never wait.
 */
public final class Poller implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    static final long NANOS = 1_000_000_000L;

    /** How long a wait takes until somebody may want to leave it, in nanoseconds. */
    public static final long LONG_NANOS = NANOS / 100;

    private static final long LONGEST_NANOS = 10 * NANOS;

    private static final long FOREVER = Long.MAX_VALUE;
    private static final int NO_FD = -1;

    // Two struct pollfd {int fd; short events; short revents}: the waker and the one waited for.
    static final int POLLFD = 8;
    static final int EVENTS = 4;
    static final int REVENTS = 6;
    static final short POLLIN = 1;
    private static final short POLLOUT = 4;

    // After them a struct timespec {long seconds; long nanoseconds}, the count a wake-up writes,
    // and
    // where it is read to.
    private static final int TIMEOUT = 2 * POLLFD;
    private static final int COUNT = TIMEOUT + 16;
    private static final int TAKEN = COUNT + Long.BYTES;
    private static final int ARENA = 64;

    private final Runnable beforeWaiting;
    private final @Nullable Leaving leaving;
    private volatile boolean woken;
    private @Nullable Opened opened;
    private boolean closed;

    // The devices, in a set of their own that a wait polls beside the waker: a set has waits of
    // whole milliseconds, and a poll of nanoseconds.
    private @Nullable EpollSet devices;
    private final @Nullable Pollable[] watched = new Pollable[EpollSet.CAPACITY];
    private long failed;
    private long waited;
    private long waitedUntil;

    // A wait that was left, and is to go on.
    private boolean isLeft;
    private long begun;
    private long leftTimeout;

    private record Opened(Fd waker, Mapping arena, ByteBuffer at) {}

    /** Says whether a long wait is to be left by a {@link ParkedException}. */
    @FunctionalInterface
    public interface Leaving {
        /**
         * Returns whether it is.
         *
         * @param waited how long it has taken, in nanoseconds
         * @param left how long it is to take yet, in nanoseconds
         */
        boolean leaves(long waited, long left);
    }

    /** Makes one where nobody waits yet. */
    public Poller() {
        this(() -> {});
    }

    /**
     * Makes one where nobody waits yet.
     *
     * @param beforeWaiting called by the thread that waits each time it is about to, which after a
     *     {@link #nudge} it is anew
     */
    public Poller(Runnable beforeWaiting) {
        this(beforeWaiting, null);
    }

    /**
     * Makes one where nobody waits yet, and long waits can be left.
     *
     * @param beforeWaiting as above
     * @param leaving asked by the thread that waits in {@link #await} when nothing has come for
     *     {@link #LONG_NANOS}, and then twice as long each time, up to 10 s; null for never
     */
    public Poller(Runnable beforeWaiting, @Nullable Leaving leaving) {
        this.beforeWaiting = beforeWaiting;
        this.leaving = leaving;
    }

    /**
     * Makes every wait end when a device is readable. Called before the thread that waits starts,
     * or by it.
     *
     * @param index of the device's bit, 0 to 63
     * @throws HostException if the host has no descriptor or memory for it
     * @throws IllegalArgumentException if the index is taken or the device is watched already
     */
    public void watch(int index, Pollable device) {
        if (watched[index] != null || indexOf(device) >= 0) {
            throw new IllegalArgumentException("already watched: " + index);
        }
        devices().add(index, device.fd());
        watched[index] = device;
    }

    /** Undoes {@link #watch}, before the device is closed; nothing if it is not watched. */
    public void unwatch(Pollable device) {
        int index = indexOf(device);
        if (index >= 0 && devices != null) {
            watched[index] = null;
            devices.remove(device.fd());
        }
    }

    private int indexOf(Pollable device) {
        for (int i = 0; i < watched.length; i++) {
            if (watched[i] == device) {
                return i;
            }
        }
        return -1;
    }

    private synchronized EpollSet devices() {
        if (closed) {
            throw new IllegalStateException("poller is closed");
        }
        if (devices == null) {
            devices = EpollSet.open();
        }
        return devices;
    }

    /**
     * Waits until a device is readable, the timeout has passed or {@link #wake} is called. A wait
     * that was left goes on: its time has counted.
     *
     * @param timeoutNanos in nanoseconds; a negative one, which is how a guest's 2^63 and above
     *     arrive here, waits for ever
     * @return the bits of the devices that are readable or have failed; 0 after the timeout, and
     *     always after a wake
     * @throws HostException if the host cannot wait
     * @throws ParkedException if the thread leaves a long wait; its next one goes on with it
     */
    public long await(long timeoutNanos) {
        long from = isLeft ? waitedUntil : System.nanoTime();
        try {
            return await(timeoutNanos < 0 ? FOREVER : timeoutNanos, isLeft ? begun : from);
        } finally {
            count(from);
        }
    }

    private void count(long from) {
        waitedUntil = System.nanoTime();
        waited += waitedUntil - from;
    }

    private long await(long timeout, long start) {
        failed = isLeft ? reopen() : 0;
        isLeft = false;
        if (failed != 0) {
            return failed;
        }
        EpollSet set = devices;
        int fd = set == null ? NO_FD : set.number();
        short events = set == null ? 0 : POLLIN;
        long left = left(timeout, start);
        do {
            boolean pending = left <= 0 || poll(fd, events, Math.min(left, slice(start)));
            if (woken) {
                return 0;
            }
            if (pending && set != null) {
                // Nothing, if somebody else who has the device open read what there was.
                long ready = set.collect();
                failed = set.failed();
                if (ready != 0) {
                    return ready;
                }
            }
            left = left(timeout, start);
            if (!pending && left > 0 && leaving != null) {
                leaveIfTold(leaving, start, timeout);
            }
        } while (left > 0);
        return 0;
    }

    // Asked after it has waited twice as long as before, an idle guest takes next to no time.
    private long slice(long start) {
        if (leaving == null) {
            return FOREVER;
        }
        return Math.max(LONG_NANOS, Math.min(System.nanoTime() - start, LONGEST_NANOS));
    }

    // Of devices that were closed while they were in no set of this, the guest is to be told.
    private long reopen() {
        boolean isGivenBack = devices == null;
        long gone = 0;
        for (int i = 0; isGivenBack && i < watched.length; i++) {
            Pollable device = watched[i];
            if (device != null && device.fd().isOpen()) {
                devices().add(i, device.fd());
            } else if (device != null) {
                watched[i] = null;
                gone |= 1L << i;
            }
        }
        return gone;
    }

    private void leaveIfTold(Leaving by, long start, long timeout) {
        if (!by.leaves(System.nanoTime() - start, left(timeout, start))) {
            return;
        }
        isLeft = true;
        begun = start;
        leftTimeout = timeout;
        throw new ParkedException();
    }

    /** Returns how long the wait that was left is still to take, in nanoseconds. */
    public long leftNanos() {
        return left(leftTimeout, begun);
    }

    /** Returns the devices watched, whose readiness ends the wait that was left. */
    public List<Pollable> watched() {
        return Stream.of(watched).filter(Objects::nonNull).toList();
    }

    /** Returns how long all waits took together, in nanoseconds; for the thread that waits. */
    public long waitedNanos() {
        return waited;
    }

    /**
     * Returns which devices of the last {@link #await}'s result have failed and are not readable,
     * as an interface that was deleted: each wait will return them at once until they are no longer
     * watched.
     */
    public long failed() {
        return failed;
    }

    /**
     * Waits until a descriptor takes bytes, so many nanoseconds have passed, or {@link #wake} is
     * called.
     *
     * @return whether it takes bytes, or has failed
     */
    public boolean awaitWritable(int fd, long nanos) {
        return pollAlone(fd, POLLOUT, nanos);
    }

    /** Waits until so many nanoseconds have passed, or {@link #wake} is called. */
    public void pause(long nanos) {
        pollAlone(NO_FD, (short) 0, nanos);
    }

    /** Returns whether {@link #wake} was called; from any thread. */
    public boolean isWoken() {
        return woken;
    }

    /**
     * Waits until a descriptor has bytes or its end, the timeout has passed or {@link #wake} is
     * called.
     *
     * @return whether it has
     */
    public boolean awaitReadable(int fd, long timeoutNanos) {
        return pollAlone(fd, POLLIN, timeoutNanos);
    }

    /** Ends every wait, now and later. */
    public synchronized void wake() {
        woken = true;
        nudge();
    }

    /** Has the thread that waits call what it calls before, and wait on; from any thread. */
    public synchronized void nudge() {
        if (opened != null) {
            LIBC.write(opened.waker.number(), opened.arena.address() + COUNT, Long.BYTES);
        }
    }

    private boolean pollAlone(int fd, short events, long timeout) {
        long from = System.nanoTime();
        try {
            return poll(fd, events, timeout);
        } finally {
            count(from);
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
            beforeWaiting.run();
            int result = LIBC.ppoll(address, 2, address + TIMEOUT);
            if (result < 0 && result != -Errno.EINTR) {
                throw Errno.exception("ppoll", -result);
            }
            if (result > 0 && at.getShort(REVENTS) != 0 && !woken) {
                // A wake-up that comes now is found by its flag.
                LIBC.read(open.waker.number(), address + TAKEN, Long.BYTES);
            }
            if (result > 0 && at.getShort(POLLFD + REVENTS) != 0) {
                return true;
            }
            left = left(timeout, start);
        }
        return false;
    }

    private static long left(long timeout, long start) {
        return timeout == FOREVER ? FOREVER : timeout - (System.nanoTime() - start);
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
        closed = true;
        giveBack();
    }

    /** Returns the host's resources until the next wait. Not while a thread waits. */
    public synchronized void giveBack() {
        if (devices != null) {
            devices.close();
            devices = null;
        }
        if (opened != null) {
            opened.waker.close();
            opened.arena.close();
            opened = null;
        }
    }
}
