package jukvm.monitor;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import jukvm.device.Console;
import jukvm.io.Poller;
import jukvm.kvm.KvmVcpu;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries the wish to stop a guest from any thread to its vCPU's. The first wish counts. */
final class StopRequest {
    private static final Logger LOG = LoggerFactory.getLogger(StopRequest.class);

    // How long to wait for a vCPU that was kicked before kicking it again.
    private static final long INSIST_MILLIS = 1;

    private final Turns.Turn turn;
    private final Poller poller;
    private final Console console;
    private final ScheduledExecutorService time;
    private final AtomicReference<@Nullable Outcome> wish = new AtomicReference<>();
    private volatile @Nullable KvmVcpu vcpu;
    private @Nullable Future<?> insisting;

    StopRequest(Turns.Turn turn, Poller poller, Console console, ScheduledExecutorService time) {
        this.turn = turn;
        this.poller = poller;
        this.console = console;
        this.time = time;
    }

    /** Asks for the guest to be stopped with an outcome, wherever it is. */
    void ask(Outcome outcome) {
        boolean first = wish.compareAndSet(null, outcome);
        // The kick goes first: a guest that is woken from its poll must find it before it runs on.
        kick();
        turn.interrupt();
        poller.wake();
        if (first) {
            keepInsisting();
            stopConsole();
        }
    }

    // The embedder's, and called after all that stops the guest by itself.
    private void stopConsole() {
        try {
            console.stop();
        } catch (RuntimeException e) {
            LOG.debug("a console's stop failed; the guest is stopped all the same", e);
        }
    }

    private void kick() {
        KvmVcpu running = vcpu;
        if (running != null) {
            running.kick();
        }
    }

    private synchronized void keepInsisting() {
        if (vcpu != null && insisting == null) {
            insisting =
                    time.scheduleWithFixedDelay(
                            this::kick, INSIST_MILLIS, INSIST_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** Lets kicks reach the vCPU; a wish made before is found by looking, after this. */
    synchronized void aim(KvmVcpu running) {
        vcpu = running;
    }

    /** Kicks no more; the guest has left for the last time. */
    synchronized void lower() {
        vcpu = null;
        if (insisting != null) {
            insisting.cancel(false);
        }
    }

    /** Returns the outcome asked for, null if none was. */
    @Nullable Outcome wish() {
        return wish.get();
    }
}
