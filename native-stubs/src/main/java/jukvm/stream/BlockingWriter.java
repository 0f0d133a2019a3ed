package jukvm.stream;

import java.nio.ByteBuffer;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * Writes a descriptor on a thread of its own, where a write may block for as long as it likes. A
 * thread that is still in a write when this is closed is left behind, with a descriptor and memory
 * of its own, and ends when the write does.
 */
final class BlockingWriter implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final long NANOS_PER_MILLI = 1_000_000;

    /** How many bytes it takes at once. */
    static final int ROOM = 1 << 16;

    private final Fd fd;
    private final Mapping room = Mapping.anonymous(ROOM);
    private final ByteBuffer at = room.window(0, ROOM);

    // Guarded by this.
    private int asked;
    private boolean answered;
    private long result;
    private boolean forgotten;
    private boolean closed;

    /**
     * Begins.
     *
     * @param number of the descriptor, which is duplicated
     * @throws jukvm.error.HostException if that is not possible
     */
    BlockingWriter(int number) {
        fd = Fd.of(LIBC.fcntl(number, Libc.F_DUPFD_CLOEXEC, 0), "output", "dup");
        Thread thread = new Thread(this::serve, "jukvm-output");
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * Has bytes written.
     *
     * @param bytes that they are among
     * @param from index of the first
     * @param length how many, of which no more than {@link #ROOM} are written
     * @return how many were written, or a negated errno: EAGAIN if that is not known yet
     */
    synchronized long write(ByteBuffer bytes, int from, int length) {
        if (answered) {
            answered = false;
            asked = 0;
            return result;
        }
        if (asked == 0) {
            int count = Math.min(length, ROOM);
            at.put(0, bytes, from, count);
            asked = count;
            notifyAll();
        }
        return -Errno.EAGAIN;
    }

    /** Waits until the result is known, but no longer than so many nanoseconds. */
    @SuppressWarnings("WaitNotInLoop") // Whoever waits asks again.
    synchronized void await(long nanos) {
        try {
            if (!answered) {
                wait(Math.max(1, nanos / NANOS_PER_MILLI));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve() {
        try (fd;
                room) {
            for (int count = next(); count > 0; count = next()) {
                answer(LIBC.write(fd.number(), room.address(), count));
            }
        }
    }

    private synchronized int next() {
        try {
            while (!closed && (asked == 0 || answered)) {
                wait();
            }
        } catch (InterruptedException e) {
            return 0; // Nobody of ours does that.
        }
        return closed ? 0 : asked;
    }

    private synchronized void answer(long of) {
        result = of;
        answered = !forgotten;
        asked = forgotten ? 0 : asked;
        forgotten = false;
        notifyAll();
    }

    /** Drops the result of what is being written: nobody will ask for it. */
    synchronized void forget() {
        forgotten = asked > 0 && !answered;
        asked = answered ? 0 : asked;
        answered = false;
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
