package jukvm.monitor;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jukvm.error.HostException;
import jukvm.io.ThreadClock;
import jukvm.memory.GuestMemory;
import jukvm.memory.PageScan;
import org.jspecify.annotations.Nullable;

/**
 * Has one guest stopped when its time is up: by the clock, and by what it has used. Time is kept by
 * the monitor's one time thread; each guest costs it no more than it has to look. To look at a
 * guest's memory can take milliseconds, and is done aside.
 */
final class Overseer {
    // A guest is looked at again when it may have reached its limit at the earliest, but not sooner
    // than this: what is left shrinks towards it.
    private static final long CPU_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long MEMORY_LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final ScheduledExecutorService time;
    private final Aside aside;
    private final Limits limits;
    private final Consumer<Outcome> stopper;
    private @Nullable Future<?> deadline;
    private @Nullable Future<?> cpu;
    private @Nullable Future<?> memory;
    private boolean over;

    Overseer(ScheduledExecutorService time, Aside aside, Limits limits, Consumer<Outcome> stopper) {
        this.time = time;
        this.aside = aside;
        this.limits = limits;
        this.stopper = stopper;
    }

    /**
     * Begins with the deadline; the run was asked for at a time of {@link System#nanoTime}. A guest
     * that was stopped meanwhile may have ended before.
     */
    synchronized void requested(long nanoTime) {
        if (!over && limits.deadlineNanos() != Limits.NONE) {
            long left = limits.deadlineNanos() - (System.nanoTime() - nanoTime);
            try {
                deadline = time.schedule(this::expire, left, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                // The monitor was closed this moment, and nothing will begin there any more.
            }
        }
    }

    private void expire() {
        stopper.accept(new Outcome.DeadlineExpired(limits.deadline()));
    }

    /**
     * Goes on with what a guest uses while it runs; on its vCPU's thread.
     *
     * @param clock of that thread
     * @param scan counts the pages of its memory
     * @throws HostException if the host cannot tell how much memory is the guest's
     */
    synchronized void entered(ThreadClock clock, GuestMemory guestMemory, PageScan scan) {
        if (limits.cpuNanos() != Limits.NONE) {
            long end = clock.nanos() + limits.cpuNanos();
            lookAtCpuIn(limits.cpuNanos(), clock, end);
        }
        if (limits.residentBytes() != Limits.NONE) {
            lookAtMemoryLater(guestMemory, scan, guestMemory.touched(scan));
        }
    }

    private synchronized void lookAtMemoryLater(
            GuestMemory guestMemory, PageScan scan, long before) {
        if (!over) {
            memory =
                    time.schedule(
                            () -> aside.run(() -> lookAtMemory(guestMemory, scan, before)),
                            MEMORY_LOOK_NANOS,
                            TimeUnit.NANOSECONDS);
        }
    }

    private synchronized void lookAtCpuIn(long nanos, ThreadClock clock, long end) {
        if (!over) {
            cpu =
                    time.schedule(
                            () -> lookAtCpu(clock, end),
                            Math.max(nanos, CPU_LOOK_NANOS),
                            TimeUnit.NANOSECONDS);
        }
    }

    private void lookAtCpu(ThreadClock clock, long end) {
        try {
            long left = end - clock.nanos();
            if (left <= 0) {
                stopper.accept(new Outcome.LimitExceeded(Limit.CPU_TIME, limits.cpuNanos()));
            } else {
                lookAtCpuIn(left, clock, end);
            }
        } catch (HostException e) {
            // The thread has ended meanwhile, and the guest before it.
        }
    }

    private void lookAtMemory(GuestMemory guestMemory, PageScan scan, long before) {
        Outcome wish = null;
        try {
            if (guestMemory.touched(scan) - before > limits.residentBytes()) {
                wish = new Outcome.LimitExceeded(Limit.MEMORY, limits.residentBytes());
            }
        } catch (HostException e) {
            // It could tell before: a guest must not go on unwatched.
            wish = new Outcome.HostError(e.getMessage(), e.errno());
        }
        if (wish == null) {
            lookAtMemoryLater(guestMemory, scan, before);
        } else {
            stopper.accept(wish);
        }
    }

    /** Looks no more. */
    synchronized void ended() {
        over = true;
        cancel(deadline);
        cancel(cpu);
        cancel(memory);
    }

    private static void cancel(@Nullable Future<?> alarm) {
        if (alarm != null) {
            alarm.cancel(false);
        }
    }
}
