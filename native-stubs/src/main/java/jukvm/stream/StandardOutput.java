package jukvm.stream;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import jukvm.error.HostException;
import jukvm.io.Poller;
import jukvm.libc.BufferAddress;
import jukvm.libc.Errno;
import org.jspecify.annotations.Nullable;

/**
 * A standard output or error, the process's own or that of who asked, written at once and
 * unaltered.
 *
 * <p>Every byte is with the kernel when {@link #write} returns, so a crash of the JVM loses none.
 * Written by one thread at a time; {@link #stop} may be called from any. A reader that has gone
 * away or a full disk is remembered and what follows is discarded: it is for the operator, not for
 * the guest.
 */
public final class StandardOutput implements AutoCloseable {
    private static final int STDOUT = 1;
    private static final int STDERR = 2;

    // What a pipe holds; more would only be written in parts.
    private static final int CHUNK = 1 << 16;

    // How often a write that waits looks whether it still should.
    private static final long SLICE = TimeUnit.MILLISECONDS.toNanos(20);

    // Where a descriptor says that it takes bytes and then does not.
    private static final long BACK_OFF = TimeUnit.MILLISECONDS.toNanos(1);

    private final int fd;
    private final long patience;
    private final Poller poller = new Poller();
    private final BufferAddress addresses = new BufferAddress();
    private volatile @Nullable NonBlockingOutput outlet;
    private volatile int errno;
    private volatile boolean stopped;
    private volatile boolean closed;
    private volatile long end;
    private boolean unread;
    private final AtomicLong lost = new AtomicLong();

    private StandardOutput(int fd, long patience) {
        if (fd < 0) {
            throw new IllegalArgumentException("descriptor " + fd);
        }
        this.fd = fd;
        this.patience = patience;
    }

    /** Writes to the standard output of this process. */
    public StandardOutput() {
        this(STDOUT);
    }

    /**
     * Writes to that of another.
     *
     * @param fd a descriptor of this process, not closed with this
     * @throws IllegalArgumentException if it is negative
     */
    public StandardOutput(int fd) {
        this(fd, Long.MAX_VALUE);
    }

    /** Writes to the standard error of this process, as {@link #impatient} does. */
    public static StandardOutput error(long patienceNanos) {
        return impatient(STDERR, patienceNanos);
    }

    /**
     * Writes to that of another, and loses what its reader has not made room for in time; until it
     * reads again, no more is waited for it.
     *
     * @param fd a descriptor of this process, not closed with this
     * @param patienceNanos how long a write waits, in nanoseconds
     * @throws IllegalArgumentException if the descriptor is negative
     */
    public static StandardOutput impatient(int fd, long patienceNanos) {
        return new StandardOutput(fd, patienceNanos);
    }

    /**
     * Writes all of {@code bytes}, waiting for a slow reader, until stopped.
     *
     * @param bytes a direct buffer
     * @throws jukvm.error.HostException if the host has no descriptor or memory left for the first
     */
    public void write(ByteBuffer bytes) {
        int length = bytes.remaining();
        try {
            int done = length == 0 || closed ? 0 : write(bytes, addresses.of(bytes), length);
            lost.addAndGet(length - done);
        } finally {
            Reference.reachabilityFence(bytes);
        }
    }

    private int write(ByteBuffer bytes, long address, int length) {
        int done = 0;
        int waits = 0;
        long since = 0;
        // After a stop, too, all is written that can be without waiting for anybody.
        while (done < length && errno == 0) {
            NonBlockingOutput to = outlet();
            if (!isImpatient() && isOver() && to.takesTime()) {
                break;
            }
            long result = to.write(bytes, address, done, Math.min(length - done, CHUNK));
            if (result > 0) {
                done += (int) result;
                waits = 0;
                unread = false;
            } else if (result < 0 && !NonBlockingOutput.mustWait(result)) {
                errno = (int) -result;
            } else {
                long now = System.nanoTime();
                since = waits == 0 ? now : since;
                if (unread || isOver() || now - since >= patience) {
                    unread = true;
                    to.giveUp();
                    break;
                }
                boolean again = waits++ % 2 == 1;
                to.await(poller, again ? BACK_OFF : SLICE, again);
            }
        }
        return done;
    }

    /**
     * Opens now what the first write would. Where the host has no descriptor for it, that write
     * says so.
     */
    public void prepare() {
        try {
            outlet();
        } catch (HostException e) {
            // Tried again then.
        }
    }

    private NonBlockingOutput outlet() {
        NonBlockingOutput known = outlet;
        if (known == null) {
            known = open();
            outlet = known;
        }
        return known;
    }

    private NonBlockingOutput open() {
        try {
            return NonBlockingOutput.of(fd);
        } catch (HostException e) {
            if (isImpatient()) {
                return NonBlockingOutput.asItIs(fd); // Which may be what there is to say.
            }
            throw e;
        }
    }

    // One that gives up by itself may always try.
    private boolean isImpatient() {
        return patience != Long.MAX_VALUE;
    }

    private boolean isOver() {
        return stopped && System.nanoTime() - end >= 0;
    }

    /** Ends a write that waits, and has none that follow wait; one with patience discards them. */
    public void stop() {
        stopIn(0);
        poller.wake();
    }

    /**
     * Does as {@link #stop} when so many nanoseconds have passed; the earliest end counts.
     *
     * @param nanos from now
     */
    public synchronized void stopIn(long nanos) {
        long at = System.nanoTime() + nanos;
        if (!stopped || at - end < 0) {
            end = at;
            stopped = true;
        }
    }

    /** Returns whether it failed for another reason than that nobody reads it, as a full disk. */
    public boolean isBroken() {
        return errno != 0 && errno != Errno.EPIPE;
    }

    /** Returns how many bytes could not be written. */
    public long lost() {
        return lost.get();
    }

    /** Returns what became of bytes that could not be written, empty if all were. */
    public Optional<String> loss() {
        if (lost.get() == 0) {
            return Optional.empty();
        }
        String cause =
                errno == 0 ? "stopped while its reader was not reading" : Errno.describe(errno);
        return Optional.of(
                "stdout: write: " + cause + "; " + lost.get() + " bytes of guest output lost");
    }

    /** Closes it; from then on all is lost that a thread which was left behind may write. */
    @Override
    public void close() {
        closed = true;
        poller.close();
        NonBlockingOutput known = outlet;
        outlet = null;
        if (known != null) {
            known.close();
        }
    }
}
