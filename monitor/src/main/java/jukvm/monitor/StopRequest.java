package jukvm.monitor;

import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import jukvm.device.Console;
import jukvm.io.Poller;
import jukvm.kvm.KvmVcpu;
import org.jspecify.annotations.Nullable;

/** Carries the wish to stop a guest from any thread to its vCPU's. The first wish counts. */
final class StopRequest {
    // How long to wait for a vCPU that was kicked before kicking it again.
    private static final long INSIST_MILLIS = 1;

    private final Turns.Turn turn;
    private final Poller poller;
    private final Console console;
    private final ScheduledExecutorService time;
    private final Aside aside;
    private final AtomicReference<@Nullable Outcome> wish = new AtomicReference<>();
    private volatile @Nullable KvmVcpu vcpu;
    private volatile boolean wasEntered;
    private volatile boolean isOver;
    private @Nullable Future<?> insisting;

    StopRequest(Turns.Turn turn, Poller poller, Console console, Monitor monitor) {
        this.turn = turn;
        this.poller = poller;
        this.console = console;
        this.time = monitor.time();
        this.aside = monitor.aside();
    }

    /**
     * Asks for the guest to be stopped with an outcome, wherever it is; nothing if it has ended.
     */
    void ask(Outcome outcome) {
        if (isOver) {
            return;
        }
        boolean first = wish.compareAndSet(null, outcome);
        // The kick goes first: a guest that is woken from its poll must find it before it runs on.
        kick();
        turn.interrupt();
        poller.wake();
        if (first) {
            keepInsisting();
            if (wasEntered) {
                aside.run(this::stopConsole);
            }
        }
    }

    // The embedder's: whoever asks must not wait for it, least of all the thread that keeps time.
    private void stopConsole() {
        if (!isOver) {
            console.stop();
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
        wasEntered = true;
        vcpu = running;
    }

    /** Kicks no more; the guest has left for the last time. */
    synchronized void lower() {
        vcpu = null;
        if (insisting != null) {
            insisting.cancel(false);
        }
    }

    /** Notes that nothing of the guest is left that could be stopped. */
    void over() {
        isOver = true;
    }

    /** Returns the outcome asked for, null if none was. */
    @Nullable Outcome wish() {
        return wish.get();
    }
}
