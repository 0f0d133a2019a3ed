package jukvm.monitor;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Ends the wait for a guest that is stopped and whose thread does not come back: it is in a read,
 * write or flush of a disk that hangs, or in a console or device of the embedder's. Nothing can
 * take it out of there, so it is left behind with all that it uses, and gives that back when it
 * returns.
 */
final class LeftBehind {
    /** How long the thread of a guest that is stopped may take. */
    static final long PATIENCE_MILLIS = 5000;

    private final ScheduledExecutorService time;
    private final Aside aside;
    private final Runnable action;
    private @Nullable Future<?> alarm;
    private boolean isOver;
    private volatile boolean hasHappened;

    /**
     * Makes one.
     *
     * @param time keeps it
     * @param aside has the action done when the patience is at an end
     * @param action that ends the wait
     */
    LeftBehind(ScheduledExecutorService time, Aside aside, Runnable action) {
        this.time = time;
        this.aside = aside;
        this.action = action;
    }

    /** Begins with the patience, unless it has begun or the guest is out. */
    synchronized void stopped() {
        if (alarm != null || isOver) {
            return;
        }
        try {
            alarm = time.schedule(this::leave, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The monitor is closed, and so this guest is out.
        }
    }

    private synchronized void leave() {
        if (!isOver) {
            isOver = true;
            hasHappened = true;
            aside.run(action);
        }
    }

    /** Says that the guest is out; it is not left behind any more. */
    synchronized void over() {
        isOver = true;
        if (alarm != null) {
            alarm.cancel(false);
        }
    }

    /** Returns whether its thread was left behind. */
    boolean hasHappened() {
        return hasHappened;
    }
}
