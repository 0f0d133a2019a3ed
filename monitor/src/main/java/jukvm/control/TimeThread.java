package jukvm.control;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The host's time, kept by one thread, which starts with the first timer. Thread-safe. */
public final class TimeThread implements Time, AutoCloseable {
    private final ScheduledThreadPoolExecutor thread =
            new ScheduledThreadPoolExecutor(1, task -> new MonitorThread(task, "jukvm-time"));

    /** Makes one whose thread has not started. */
    public TimeThread() {
        thread.setRemoveOnCancelPolicy(true);
    }

    @Override
    public long now() {
        return System.nanoTime();
    }

    @Override
    public Timer schedule(Runnable task, long nanos) {
        try {
            Future<?> scheduled = thread.schedule(task, nanos, TimeUnit.NANOSECONDS);
            return () -> scheduled.cancel(false);
        } catch (RejectedExecutionException e) {
            return () -> {}; // It was closed this moment, and no guest is left to keep time for.
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
