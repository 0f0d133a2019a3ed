package jukvm.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Makes SIGINT, SIGTERM and SIGHUP stop the guest or its fetch, so that it is reported on before
 * the process ends with status 1, as solo5-hvt does. The JVM answers each by running its shutdown
 * hooks.
 */
final class Signals implements SignalWatch {
    // A guest is out within milliseconds; this is for a report on a disk that hangs.
    private static final long PATIENCE_SECONDS = 2;

    private final Runnable canceller;
    private final CountDownLatch reported = new CountDownLatch(1);
    private volatile boolean received;

    private Signals(Runnable canceller) {
        this.canceller = canceller;
    }

    /** Has something cancelled at a signal, until closed. */
    static Signals cancel(Runnable canceller) {
        Signals signals = new Signals(canceller);
        Runtime.getRuntime().addShutdownHook(new Thread(signals::stop, "jukvm-signal"));
        return signals;
    }

    private void stop() {
        if (reported.getCount() == 0) {
            return; // The process is ending by itself.
        }
        received = true;
        canceller.run();
        try {
            reported.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(Main.FAILURE);
    }

    @Override
    public boolean received() {
        return received;
    }

    @Override
    public void close() {
        reported.countDown();
    }
}
