package jukvm.monitor;

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

    private final Poller poller;
    private final Console console;
    private final AtomicReference<@Nullable Outcome> wish = new AtomicReference<>();
    private volatile @Nullable KvmVcpu vcpu;

    StopRequest(Poller poller, Console console) {
        this.poller = poller;
        this.console = console;
    }

    /** Asks for the guest to be stopped with an outcome, wherever it is. */
    void ask(Outcome outcome) {
        boolean first = wish.compareAndSet(null, outcome);
        // The kick goes first: a guest that is woken from its poll must find it before it runs on.
        insist();
        poller.wake();
        if (first) {
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

    /** Kicks the vCPU once more, if it is running and stopping was asked for. */
    void insist() {
        KvmVcpu running = vcpu;
        if (running != null && wish.get() != null) {
            running.kick();
        }
    }

    /** Lets kicks reach the vCPU; a wish made before is found by looking, after this. */
    void aim(KvmVcpu running) {
        vcpu = running;
    }

    /** Returns the outcome asked for, null if none was. */
    @Nullable Outcome wish() {
        return wish.get();
    }
}
