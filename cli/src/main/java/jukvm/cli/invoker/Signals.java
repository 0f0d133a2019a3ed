package jukvm.cli.invoker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jukvm.process.EndSignals;

/**
 * Makes SIGINT, SIGTERM, SIGHUP and SIGQUIT stop the guest or its fetch, so that it is reported on
 * before the process ends with status 1, as solo5-hvt does. Before there is anything to stop they
 * end the process by themselves.
 */
final class Signals implements SignalWatch {
    // A guest is out within milliseconds; this is for a report on a disk that hangs.
    private static final long PATIENCE_SECONDS = 2;

    private final Runnable canceller;
    private final EndSignals all = EndSignals.hear();
    private final CountDownLatch reported = new CountDownLatch(1);
    private volatile boolean received;

    private Signals(Runnable canceller) {
        this.canceller = canceller;
    }

    /** Has something cancelled at a signal, until closed; one at a time. */
    static Signals cancel(Runnable canceller) {
        Signals signals = new Signals(canceller);
        Thread thread = new Thread(signals::listen, "jukvm-signal");
        thread.setDaemon(true);
        thread.start();
        return signals;
    }

    private void listen() {
        if (all.await()) {
            stop();
        }
    }

    private void stop() {
        received = true;
        canceller.run();
        boolean ended = false;
        try {
            ended = reported.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // Whoever records the JVM writes that down in a hook; one that hangs gets no further.
        if (ended) {
            Runtime.getRuntime().exit(ExitStatus.FAILURE);
        }
        Runtime.getRuntime().halt(ExitStatus.FAILURE);
    }

    @Override
    public boolean received() {
        return received;
    }

    @Override
    public void close() {
        reported.countDown();
        all.close();
    }
}
