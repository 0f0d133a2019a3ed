package jukvm.control;

import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import jukvm.error.HostException;
import jukvm.guest.Limit;
import jukvm.guest.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Has one guest stopped when its time is up: by the clock, and by what it has used. A guest is
 * looked at no more often than its limits need. To look at a guest's memory can take milliseconds,
 * and is done aside.
 *
 * <p>Thread-safe.
 */
public final class LimitWatchdog {
    // A guest is looked at again when it may have reached its limit at the earliest, but not sooner
    // than this: what is left shrinks towards it.
    private static final long CPU_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long MEMORY_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private static final long UNKNOWN = -1;

    private final Time time;
    private final BackgroundTasks background;
    private final Limits limits;
    private final Consumer<Outcome> stopper;
    private Time.@Nullable Timer deadline;
    private Time.@Nullable Timer cpu;
    private Time.@Nullable Timer memory;
    private boolean over;

    // What a guest used before it entered the VM that it has, and which one that is.
    private long cpuBefore;
    private long ownBefore = UNKNOWN;
    private int stay;
    private @Nullable LongSupplier cpuNanos;
    private long cpuThen;

    /**
     * Makes one that looks at nothing yet.
     *
     * @param stopper is told why the guest is to stop; from the time's thread, or a background one
     */
    public LimitWatchdog(
            Time time, BackgroundTasks background, Limits limits, Consumer<Outcome> stopper) {
        this.time = time;
        this.background = background;
        this.limits = limits;
        this.stopper = stopper;
    }

    /**
     * Begins with the deadline; the run was asked for at a time of {@link System#nanoTime}. A guest
     * that was stopped meanwhile may have ended before.
     */
    public synchronized void requested(long nanoTime) {
        if (!over && limits.deadlineNanos() != Limits.NONE) {
            long left = limits.deadlineNanos() - (time.now() - nanoTime);
            deadline = time.schedule(this::expire, left);
        }
    }

    private void expire() {
        stopper.accept(new Outcome.DeadlineExpired(limits.deadline()));
    }

    /**
     * Goes on with what a guest uses while it is in a VM; on its vCPU's thread.
     *
     * @param cpu tells how long that thread was on a processor, from any thread
     * @param ownBytes tells how much memory is the guest's own, from any thread
     * @throws HostException if the host cannot tell
     */
    public synchronized void entered(LongSupplier cpu, LongSupplier ownBytes) {
        if (limits.cpuNanos() != Limits.NONE) {
            cpuNanos = cpu;
            cpuThen = cpu.getAsLong();
            lookAtCpuIn(limits.cpuNanos() - cpuBefore);
        }
        if (limits.residentBytes() != Limits.NONE) {
            if (ownBefore == UNKNOWN) {
                ownBefore = ownBytes.getAsLong();
            }
            lookAtMemoryLater(ownBytes, stay);
        }
    }

    /** Looks no more at what a guest uses, which has left its VM; on its vCPU's thread. */
    public synchronized void left() {
        stay++;
        Time.cancel(cpu);
        Time.cancel(memory);
        LongSupplier nanos = cpuNanos;
        if (nanos != null) {
            cpuBefore += nanos.getAsLong() - cpuThen;
            cpuNanos = null;
        }
    }

    private void lookAtCpuIn(long nanos) {
        if (!over) {
            cpu = time.schedule(this::lookAtCpu, Math.max(nanos, CPU_LOOK_NANOS));
        }
    }

    private void lookAtCpu() {
        if (isCpuUsedUp()) {
            stopper.accept(new Outcome.LimitExceeded(Limit.CPU_TIME, limits.cpuNanos()));
        }
    }

    private synchronized boolean isCpuUsedUp() {
        LongSupplier nanos = cpuNanos;
        if (nanos == null) {
            return false; // It has left meanwhile.
        }
        try {
            long left = limits.cpuNanos() - cpuBefore - (nanos.getAsLong() - cpuThen);
            if (left > 0) {
                lookAtCpuIn(left);
            }
            return left <= 0;
        } catch (HostException e) {
            return false; // The thread has ended meanwhile, and the guest before it.
        }
    }

    private void lookAtMemoryLater(LongSupplier ownBytes, int since) {
        if (!over) {
            Runnable look = () -> lookAtMemory(ownBytes, since);
            memory = time.schedule(() -> background.run(look), MEMORY_LOOK_NANOS);
        }
    }

    private void lookAtMemory(LongSupplier ownBytes, int since) {
        Outcome reason = null;
        try {
            if (ownBytes.getAsLong() - ownBefore > limits.residentBytes()) {
                reason = new Outcome.LimitExceeded(Limit.MEMORY, limits.residentBytes());
            }
        } catch (HostException e) {
            // It could tell before: a guest must not go on unwatched.
            reason = new Outcome.HostError(e.getMessage(), e.errno());
        }
        if (isToStop(reason, ownBytes, since)) {
            stopper.accept(reason);
        }
    }

    // What was seen is another guest's, if this one has left its VM meanwhile.
    private synchronized boolean isToStop(
            @Nullable Outcome reason, LongSupplier ownBytes, int since) {
        if (since == stay && reason == null) {
            lookAtMemoryLater(ownBytes, since);
        }
        return since == stay && reason != null;
    }

    /** Looks no more. */
    public synchronized void ended() {
        over = true;
        Time.cancel(deadline);
        Time.cancel(cpu);
        Time.cancel(memory);
    }
}
