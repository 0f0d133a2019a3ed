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

    private final Time time;
    private final BackgroundTasks background;
    private final Limits limits;
    private final Consumer<Outcome> stopper;
    private Time.@Nullable Timer deadline;
    private Time.@Nullable Timer cpu;
    private Time.@Nullable Timer memory;
    private boolean over;

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
     * Goes on with what a guest uses while it runs; on its vCPU's thread.
     *
     * @param cpuNanos tells how long that thread was on a processor, from any thread
     * @param ownBytes tells how much memory is the guest's own, from any thread
     * @throws HostException if the host cannot tell
     */
    public synchronized void entered(LongSupplier cpuNanos, LongSupplier ownBytes) {
        if (limits.cpuNanos() != Limits.NONE) {
            lookAtCpuIn(limits.cpuNanos(), cpuNanos, cpuNanos.getAsLong() + limits.cpuNanos());
        }
        if (limits.residentBytes() != Limits.NONE) {
            lookAtMemoryLater(ownBytes, ownBytes.getAsLong());
        }
    }

    private synchronized void lookAtCpuIn(long nanos, LongSupplier cpuNanos, long end) {
        if (!over) {
            long wait = Math.max(nanos, CPU_LOOK_NANOS);
            cpu = time.schedule(() -> lookAtCpu(cpuNanos, end), wait);
        }
    }

    private void lookAtCpu(LongSupplier cpuNanos, long end) {
        try {
            long left = end - cpuNanos.getAsLong();
            if (left <= 0) {
                stopper.accept(new Outcome.LimitExceeded(Limit.CPU_TIME, limits.cpuNanos()));
            } else {
                lookAtCpuIn(left, cpuNanos, end);
            }
        } catch (HostException e) {
            // The thread has ended meanwhile, and the guest before it.
        }
    }

    private synchronized void lookAtMemoryLater(LongSupplier ownBytes, long before) {
        if (!over) {
            Runnable look = () -> lookAtMemory(ownBytes, before);
            memory = time.schedule(() -> background.run(look), MEMORY_LOOK_NANOS);
        }
    }

    private void lookAtMemory(LongSupplier ownBytes, long before) {
        Outcome reason = null;
        try {
            if (ownBytes.getAsLong() - before > limits.residentBytes()) {
                reason = new Outcome.LimitExceeded(Limit.MEMORY, limits.residentBytes());
            }
        } catch (HostException e) {
            // It could tell before: a guest must not go on unwatched.
            reason = new Outcome.HostError(e.getMessage(), e.errno());
        }
        if (reason == null) {
            lookAtMemoryLater(ownBytes, before);
        } else {
            stopper.accept(reason);
        }
    }

    /** Looks no more. */
    public synchronized void ended() {
        over = true;
        Time.cancel(deadline);
        Time.cancel(cpu);
        Time.cancel(memory);
    }
}
