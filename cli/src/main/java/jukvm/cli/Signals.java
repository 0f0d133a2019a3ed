package jukvm.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jukvm.monitor.Tender;

/**
 * Makes SIGINT, SIGTERM and SIGHUP stop the guest, so that it is reported on before the process
 * ends with status 1, as solo5-hvt does. The JVM answers each by running its shutdown hooks.
 */
final class Signals implements AutoCloseable {
    // A guest is out within milliseconds; this is for a report on a disk that hangs.
    private static final long PATIENCE_SECONDS = 2;

    private final Tender tender;
    private final CountDownLatch reported = new CountDownLatch(1);
    private volatile boolean received;

    private Signals(Tender tender) {
        this.tender = tender;
    }

    /** Cancels the tender's guest at a signal, until closed. */
    static Signals cancel(Tender tender) {
        Signals signals = new Signals(tender);
        Runtime.getRuntime().addShutdownHook(new Thread(signals::stop, "jukvm-signal"));
        return signals;
    }

    private void stop() {
        if (reported.getCount() == 0) {
            return; // The process is ending by itself.
        }
        received = true;
        tender.cancel();
        try {
            reported.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(Main.FAILURE);
    }

    /** Returns whether a signal has come. */
    boolean received() {
        return received;
    }

    /** Says that the guest has ended and everything about it has been said. */
    @Override
    public void close() {
        reported.countDown();
    }
}
