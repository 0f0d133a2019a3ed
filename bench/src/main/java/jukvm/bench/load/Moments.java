package jukvm.bench.load;

import java.util.concurrent.locks.LockSupport;

/** Waiting for moments of {@link System#nanoTime}. */
final class Moments {
    private Moments() {}

    /** Waits until a moment; returns early if the thread is or was interrupted. */
    static void await(long moment) {
        long left = moment - System.nanoTime();
        while (left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
            left = moment - System.nanoTime();
        }
    }
}
