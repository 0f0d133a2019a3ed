package jukvm.run;

import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import jukvm.control.MonitorThread;
import jukvm.device.Devices;
import jukvm.device.NetRing;
import jukvm.error.GuestException;
import jukvm.guest.Outcome;
import jukvm.guest.Registers;
import jukvm.io.Doorbell;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import jukvm.vm.GuestVm;
import org.jspecify.annotations.Nullable;

/**
 * The thread that serves a guest's network ring beside its vCPU. Started by the guest's first kick,
 * stopped after the vCPU; both by the vCPU's thread.
 */
final class NetRingThread {
    // How often to look for work before asking for a kick: some microseconds. Where processors are
    // few, a longer look takes from the guest the time in which it would make work.
    private static final int LOOKS = 100;

    // A guest may kick for nothing as often as it likes. After so many times, this thread looks
    // once for each kick, and takes this long a rest.
    private static final int EMPTY_WAKES = 64;
    private static final long PAUSE_NANOS = 50_000;
    private static final long FOREVER = -1;

    private final NetRing ring;
    private final Devices devices;
    private final Consumer<Outcome> stopper;
    private final Poller poller = new Poller();
    private @Nullable Doorbell bell;
    private @Nullable Thread thread;
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;

    /** Makes one that is not started; {@code stopper} is what ends the guest from its thread. */
    NetRingThread(NetRing ring, Devices devices, Consumer<Outcome> stopper) {
        this.ring = ring;
        this.devices = devices;
        this.stopper = stopper;
    }

    /**
     * Starts the thread; nothing if it has been.
     *
     * @throws jukvm.error.HostException if the host has no descriptor or memory for it
     */
    void start(GuestVm vm) {
        if (bell != null) {
            return;
        }
        Doorbell opened = Doorbell.open();
        bell = opened;
        vm.ringAt(NetRing.KICK_PORT, opened);
        poller.watch(0, opened);
        GuestMemory own = vm.memory().forSecondThread();
        Thread started = new MonitorThread(() -> run(own, opened), "jukvm-ring");
        thread = started;
        started.start();
    }

    private void run(GuestMemory memory, Doorbell doorbell) {
        try {
            serve(ring.view(memory), doorbell);
        } catch (GuestException e) {
            // The vCPU is somewhere else by now: no register of it has to do with this.
            stopper.accept(
                    new Outcome.Faulted(
                            "RING", e.getMessage(), new Registers(Map.of()), "", List.of()));
        } catch (Throwable e) {
            // Whatever it is, it belongs to whoever asked for the run; and the guest, which would
            // wait for its ring for ever, ends.
            failure = e;
            stopper.accept(new Outcome.Cancelled());
        }
    }

    private void serve(NetRing.View view, Doorbell doorbell) {
        int emptyWakes = 0;
        while (!stopping) {
            int looks = emptyWakes < EMPTY_WAKES ? LOOKS : 1;
            emptyWakes = serveBusily(view, looks) ? 0 : Math.min(emptyWakes + 1, EMPTY_WAKES);
            ring.wantKick(view, true);
            if (!ring.hasWork(view)) {
                if (emptyWakes == EMPTY_WAKES) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
                poller.await(FOREVER);
                doorbell.silence();
            }
            ring.wantKick(view, false);
        }
    }

    private boolean serveBusily(NetRing.View view, int looks) {
        boolean served = false;
        for (int i = 0; i < looks && !stopping; i++) {
            if (ring.hasWork(view)) {
                ring.pass(view, devices);
                served = true;
                i = 0;
            }
            Thread.onSpinWait();
        }
        return served;
    }

    /**
     * Ends the thread, then sends what the guest had still queued.
     *
     * @throws RuntimeException whatever a device of the embedder's threw on the thread
     * @throws Error likewise
     */
    void stop(GuestMemory memory) {
        stopping = true;
        poller.wake();
        if (thread != null) {
            MonitorThread.awaitEnd(thread); // Memory must not go before the thread has.
        }
        poller.close();
        if (bell != null) {
            bell.close();
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        drain(memory);
    }

    private void drain(GuestMemory memory) {
        try {
            ring.pass(ring.view(memory), devices);
        } catch (GuestException e) {
            // It has ended already, and what it left is not worth another end.
        }
    }
}
