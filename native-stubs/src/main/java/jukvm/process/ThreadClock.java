package jukvm.process;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import jukvm.libc.Errno;
import jukvm.libc.Libc;

/**
 * The time one thread has spent on a processor, for any thread to read. Source: clock_gettime(2);
 * linux/posix-timers_types.h, CPUCLOCK_PERTHREAD_MASK and CPUCLOCK_SCHED.
 *
 * <p>Thread-safe; of no meaning once the thread has ended.
 */
public final class ThreadClock {
    private static final Libc LIBC = Libc.get();

    private static final int PER_THREAD = 4;
    private static final int SCHEDULED = 2;
    private static final long NANOS = 1_000_000_000L;

    private final long clock;

    // A struct timespec, and where it lies: as long as the buffer is reachable.
    private final ByteBuffer at = ByteBuffer.allocateDirect(16).order(ByteOrder.LITTLE_ENDIAN);
    private final long address = LIBC.address(at);

    private ThreadClock(int thread) {
        this.clock = ~(long) thread << 3 | PER_THREAD | SCHEDULED;
    }

    /** Returns the clock of the calling thread, which is a platform thread. */
    public static ThreadClock ofCurrentThread() {
        return new ThreadClock((int) LIBC.syscall(Libc.SYS_GETTID, 0, 0, 0, 0, 0));
    }

    /**
     * Returns what the thread has used so far, in nanoseconds.
     *
     * @throws jukvm.error.HostException if the thread has ended
     */
    public synchronized long nanos() {
        long result = LIBC.syscall(Libc.SYS_CLOCK_GETTIME, clock, address, 0, 0, 0);
        if (result < 0) {
            throw Errno.exception("clock_gettime", (int) -result);
        }
        return at.getLong(0) * NANOS + at.getLong(Long.BYTES);
    }
}
