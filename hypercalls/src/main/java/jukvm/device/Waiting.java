package jukvm.device;

import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The time by which a {@link UdpPort} waits; tests give their own. */
interface Waiting {
    /** The time of the JVM. */
    Waiting SYSTEM =
            new Waiting() {
                @Override
                public long nanoTime() {
                    return System.nanoTime();
                }

                @Override
                public void await(CompletableFuture<?> event, long nanos)
                        throws InterruptedException {
                    try {
                        event.get(nanos, TimeUnit.NANOSECONDS);
                    } catch (TimeoutException | CancellationException | ExecutionException e) {
                        // The caller asks the event what has become of it.
                    }
                }
            };

    /** Returns what {@link System#nanoTime} would. */
    long nanoTime();

    /** Waits until an event has come or is cancelled, for so long at most. */
    void await(CompletableFuture<?> event, long nanos) throws InterruptedException;
}
