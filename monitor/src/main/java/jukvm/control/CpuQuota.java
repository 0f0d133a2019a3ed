package jukvm.control;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import jukvm.error.HostException;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a guest from more than its share of a processor: what it may use grows with time, up to its
 * share of 100 ms, and when all is used the guest gets no turn until half of that has grown again.
 *
 * <p>The kernel's own quotas stop a thread anywhere, so also where others wait for it: the JVM
 * could collect no garbage until the thread may go on. This stops guests only between instructions
 * of theirs. Thread-safe.
 */
public final class CpuQuota {
    private static final long PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    // A guest is looked at when it may have used all at the earliest, but not sooner than this.
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Time time;
    private final Runnable spend;
    private final Runnable earn;
    private final double share;
    private final long most;
    private LongSupplier cpuNanos = () -> 0;
    private long left;
    private long lookedAt;
    private long usedThen;
    private boolean isSpent;
    private boolean isIn;
    private Time.@Nullable Timer timer;

    /**
     * Makes one that looks at nothing yet.
     *
     * @param turn of the guest
     * @param share of one processor, more than 0; at 1 and above there is nothing to keep
     */
    public CpuQuota(Time time, VcpuScheduler.Turn turn, double share) {
        this(time, turn::spend, turn::earn, share);
    }

    CpuQuota(Time time, Runnable spend, Runnable earn, double share) {
        this.time = time;
        this.spend = spend;
        this.earn = earn;
        this.share = share;
        this.most = (long) (Math.min(share, 1) * PERIOD_NANOS);
    }

    /**
     * Begins with a guest that enters a VM, on its vCPU's thread.
     *
     * @param cpuNanos tells how long that thread was on a processor, from any thread
     * @throws HostException if the host cannot tell
     */
    public synchronized void entered(LongSupplier cpuNanos) {
        if (share >= 1) {
            return;
        }
        this.cpuNanos = cpuNanos;
        isIn = true;
        usedThen = cpuNanos.getAsLong();
        lookedAt = time.now();
        left = most;
        lookIn(left);
    }

    private void lookIn(long nanos) {
        timer = time.schedule(this::look, Math.max(nanos, LOOK_NANOS));
    }

    private synchronized void look() {
        if (!isIn) {
            return;
        }
        try {
            long used = cpuNanos.getAsLong();
            long now = time.now();
            left = Math.min(most, left + (long) ((now - lookedAt) * share)) - (used - usedThen);
            usedThen = used;
            lookedAt = now;
        } catch (HostException e) {
            return; // The thread has ended meanwhile, and the guest before it.
        }
        if (isSpent && left >= most / 2) {
            isSpent = false;
            earn.run();
        } else if (!isSpent && left <= 0) {
            isSpent = true;
            spend.run();
        }
        lookIn(isSpent ? (long) Math.ceil((most / 2 - left) / share) : left);
    }

    /** Looks no more at a guest that has left its VM. */
    public synchronized void left() {
        isIn = false;
        Time.cancel(timer);
        if (isSpent) {
            isSpent = false;
            earn.run();
        }
    }
}
