package jukvm.testing;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** A thread that does something which may block. */
public final class Waiting {
    private static final long LIMIT_MILLIS = 60_000;

    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final Thread thread;

    /** Starts {@code body} in a new thread. */
    public Waiting(Runnable body) {
        thread = new Thread(body, "waiting");
        thread.setDaemon(true);
        thread.setUncaughtExceptionHandler((t, e) -> failure.set(e));
        thread.start();
    }

    /** Fails unless {@code body} returns by itself. */
    public static void assertReturns(Runnable body) throws InterruptedException {
        new Waiting(body).assertReturns();
    }

    /** Fails unless something comes to be. */
    public static void assertBecomes(BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            assertTrue(millis < LIMIT_MILLIS, "not so after " + LIMIT_MILLIS + " ms");
            Thread.sleep(10);
        }
    }

    /** Returns whether it has not returned. */
    public boolean goesOn() {
        return thread.isAlive();
    }

    /** Fails unless it returns, and without an exception. */
    public void assertReturns() throws InterruptedException {
        thread.join(LIMIT_MILLIS);
        assertFalse(thread.isAlive(), "still waiting after " + LIMIT_MILLIS + " ms");
        if (failure.get() != null) {
            throw new AssertionError("the thread failed", failure.get());
        }
    }
}
