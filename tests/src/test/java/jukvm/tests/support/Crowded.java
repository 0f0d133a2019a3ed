package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.concurrent.CountDownLatch;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;

/**
 * A monitor with so many guests that all others of it are parked when they wait for long. Those
 * that make the crowd are not: they are traced.
 */
public final class Crowded implements AutoCloseable {
    private static final int CROWD = 65;
    private static final long SMALL = 2 << 20;

    private final Monitor monitor;

    /**
     * Opens one.
     *
     * @param keepBytes as for {@link Monitor#open(long)}
     */
    public Crowded(long keepBytes) throws InterruptedException {
        monitor = Monitor.open(keepBytes);
        GuestImage waits =
                TinyGuest.image("crowd", new Code().puts(TinyGuest.TEXT, 1).poll(-1).bytes());
        CountDownLatch waiting = new CountDownLatch(CROWD);
        for (int i = 0; i < CROWD; i++) {
            monitor.start(
                    GuestSpec.of(waits)
                            .memory(SMALL)
                            .trace(call -> {})
                            .console(bytes -> waiting.countDown()));
        }
        waiting.await();
    }

    /** Returns the monitor. */
    public Monitor monitor() {
        return monitor;
    }

    /** Waits until so many guests are parked. */
    public void awaitParked(int count) throws InterruptedException {
        long end = System.nanoTime() + Run.LONG.toNanos();
        while (monitor.metrics().parked() != count && System.nanoTime() < end) {
            Thread.sleep(10);
        }
        assertEquals(count, monitor.metrics().parked(), "guests are parked");
    }

    /** Ends all guests. */
    @Override
    public void close() {
        monitor.close();
    }
}
