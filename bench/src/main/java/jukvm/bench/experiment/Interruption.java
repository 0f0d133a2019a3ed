package jukvm.bench.experiment;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends a measurement early, without loss, when the process is told to end: its thread is
 * interrupted, and the process stays until that thread is done with what it has.
 */
public final class Interruption implements AutoCloseable {
    private static final int STATUS = 1;

    // Idle instances are ended, results written, plots drawn.
    private static final int PATIENCE_SECONDS = 120;

    // Why results could not be written, if they could not, is still to be said.
    private static final int LAST_WORD_MILLIS = 500;

    private final Thread experiment;
    private final CountDownLatch done = new CountDownLatch(1);
    private final Thread hook = new Thread(this::end, "bench-end");
    private boolean isOver;

    private Interruption(Thread experiment) {
        this.experiment = experiment;
    }

    /** Does so for the calling thread, until it closes this. */
    public static Interruption ofThisThread() {
        Interruption interruption = new Interruption(Thread.currentThread());
        Runtime.getRuntime().addShutdownHook(interruption.hook);
        return interruption;
    }

    /** Ends that: it has all it can get, and what it does with it is not to be interrupted. */
    synchronized void over() {
        isOver = true;
        Thread.interrupted();
    }

    private synchronized void interrupt() {
        if (!isOver) {
            experiment.interrupt();
        }
    }

    private void end() {
        interrupt();
        try {
            done.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
            experiment.join(LAST_WORD_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(STATUS);
    }

    @Override
    public void close() {
        done.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // It is running, and ends the process.
        }
    }
}
