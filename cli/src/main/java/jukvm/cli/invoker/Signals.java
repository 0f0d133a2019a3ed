package jukvm.cli.invoker;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jukvm.daemon.SignalTarget;
import jukvm.process.CoreOffer;
import jukvm.process.CoreRequest;
import jukvm.process.EndSignals;

/**
 * Makes SIGINT, SIGTERM, SIGHUP and SIGQUIT stop the guest or its fetch, so that it is reported on
 * before the process ends with status 1, as solo5-hvt does. Before there is anything to stop they
 * end the process by themselves. To whoever asks for a core of the guest one is offered.
 */
final class Signals implements SignalWatch {
    // A guest is out within milliseconds; this is for a report on a disk that hangs.
    private static final long PATIENCE_SECONDS = 2;

    private final SignalTarget run;
    private final EndSignals all = EndSignals.hear();
    private final CountDownLatch reported = new CountDownLatch(1);
    private volatile boolean received;

    private Signals(SignalTarget run) {
        this.run = run;
    }

    /** Has a run do what signals ask for, until closed; one at a time. */
    static Signals actOn(SignalTarget run) {
        Signals signals = new Signals(run);
        Thread thread = new Thread(signals::listen, CoreRequest.threadName(signals.all.door()));
        thread.setDaemon(true);
        thread.start();
        return signals;
    }

    private void listen() {
        EndSignals.Heard heard = all.await();
        while (heard == EndSignals.Heard.CORE) {
            CoreOffer.begin(run::core);
            heard = all.await();
        }
        if (heard == EndSignals.Heard.END) {
            stop();
        }
    }

    private void stop() {
        received = true;
        run.stop();
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
