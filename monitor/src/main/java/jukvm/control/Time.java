package jukvm.control;

import org.jspecify.annotations.Nullable;

/**
 * The clock of a monitor and its timers. A test gives its own, and with it the time.
 *
 * <p>Thread-safe.
 */
public interface Time {
    /** Returns the time in nanoseconds, as {@link System#nanoTime} counts it. */
    long now();

    /**
     * Has a task run once.
     *
     * @param task short, and nothing of the embedder's: all guests' timers wait for it
     * @param nanos from now on; at once if it is not positive
     * @return what takes it back; once the monitor is closed nothing is run any more
     */
    Timer schedule(Runnable task, long nanos);

    /** Keeps a task from running, if one was scheduled and has not begun. */
    static void cancel(@Nullable Timer timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    /** A task that is to run. */
    interface Timer {
        /**
         * Keeps the task from running, unless it has begun. From any thread, any number of times.
         */
        void cancel();
    }
}
