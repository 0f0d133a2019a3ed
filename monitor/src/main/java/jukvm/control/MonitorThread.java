package jukvm.control;

import java.util.function.BooleanSupplier;

/**
 * A thread of a monitor's own: of a vCPU, a network ring, or the one that keeps time. What the
 * embedder's devices and futures do is called on these, so whatever waits for guests asks first
 * whether it would wait for itself. Never virtual, nor one of a pool of the embedder's: signal
 * masks and vCPUs stick to the thread.
 */
public final class MonitorThread extends Thread {
    private static final long LOOK_MILLIS = 100;

    /** Makes one that is not started; it does not keep the JVM from ending. */
    public MonitorThread(Runnable task, String name) {
        super(null, task, name, 0, false);
        setDaemon(true);
    }

    /** Returns whether the caller is on one, where it may not wait for guests to end. */
    public static boolean isCurrent() {
        return currentThread() instanceof MonitorThread;
    }

    /** Waits for a thread to end; an interrupt is kept for later. */
    public static void awaitEnd(Thread thread) {
        awaitEnd(thread, () -> false);
    }

    /** Waits for a thread to end, or to be given up; an interrupt is kept for later. */
    public static void awaitEnd(Thread thread, BooleanSupplier isGivenUp) {
        boolean interrupted = false;
        while (thread.isAlive() && !isGivenUp.getAsBoolean()) {
            try {
                thread.join(LOOK_MILLIS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            currentThread().interrupt();
        }
    }
}
