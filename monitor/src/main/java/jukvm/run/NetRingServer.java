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
import jukvm.memory.GuestMemory;
import jukvm.process.ThreadClock;
import org.jspecify.annotations.Nullable;

/**
 * Serves a guest's network ring: at each kick the vCPU's thread, before the guest goes on, and
 * while kicks come fast a thread of its own, too, so that the guest need not leave its VM for them.
 */
final class NetRingServer {
    // How long the thread looks for work before the guest is to kick again: longer than a guest
    // takes for a frame, and to poll.
    private static final long LOOK_NANOS = 50_000;

    // How often it looks whether the processor that it has is wanted elsewhere.
    private static final long SPELL_NANOS = 1_000_000;

    private final NetRing ring;
    private final Devices devices;
    private final Consumer<Outcome> stopper;
    private final RingHelp help = new RingHelp(System.nanoTime());
    private final RingHelp.Spell spell = new RingHelp.Spell(); // Of the helping thread.
    private NetRing.@Nullable View view; // Of the vCPU's thread.
    private @Nullable Thread thread;
    private volatile boolean isWanted;
    private volatile boolean stopping;
    private volatile @Nullable Throwable failure;

    /** Makes one whose thread is not started; {@code stopper} is what ends the guest from there. */
    NetRingServer(NetRing ring, Devices devices, Consumer<Outcome> stopper) {
        this.ring = ring;
        this.devices = devices;
        this.stopper = stopper;
    }

    /** Serves what the guest has told of by a kick; on its vCPU's thread. */
    void kicked(GuestMemory memory) {
        NetRing.View own = view;
        if (own == null) {
            own = ring.view(memory);
            view = own;
        }
        int served;
        try {
            served = ring.pass(own, devices);
        } catch (GuestException e) {
            end(e);
            return;
        }
        if (help.isWantedAt(System.nanoTime(), served)) {
            isWanted = true;
            wake(memory);
        }
    }

    private void end(GuestException e) {
        // Where it is found depends on who came to it first: it is no register's affair.
        stopper.accept(
                new Outcome.Faulted(
                        "RING", e.getMessage(), new Registers(Map.of()), "", List.of()));
    }

    private void wake(GuestMemory memory) {
        if (thread == null) {
            GuestMemory own = memory.forSecondThread();
            thread = new MonitorThread(() -> run(own), "jukvm-ring");
            thread.start();
        } else {
            LockSupport.unpark(thread);
        }
    }

    private void run(GuestMemory memory) {
        try {
            NetRing.View own = ring.view(memory);
            ThreadClock clock = ThreadClock.ofCurrentThread();
            while (!stopping) {
                if (isWanted) {
                    isWanted = false;
                    serve(own, clock);
                } else {
                    LockSupport.park(this);
                }
            }
        } catch (GuestException e) {
            end(e);
        } catch (Throwable e) {
            // Whatever it is, it belongs to whoever asked for the run; and the guest, which would
            // wait for its ring for ever, ends.
            failure = e;
            stopper.accept(new Outcome.Cancelled());
        }
    }

    private void serve(NetRing.View own, ThreadClock clock) {
        spell.begin(System.nanoTime(), clock.nanos());
        ring.wantKick(own, false);
        long last = System.nanoTime();
        long now = last;
        boolean isCrowded = false;
        while (!stopping && !isCrowded && now - last < LOOK_NANOS) {
            if (ring.hasWork(own)) {
                spell.served += ring.pass(own, devices);
                last = System.nanoTime();
            }
            Thread.onSpinWait();
            now = System.nanoTime();
            isCrowded = now - spell.since >= SPELL_NANOS && spell.next(now, clock.nanos());
        }
        ring.wantKick(own, true);
        if (ring.hasWork(own)) {
            spell.served += ring.pass(own, devices); // It looked before it was asked to kick.
        }
        isCrowded |= spell.next(System.nanoTime(), clock.nanos());
        help.ended(System.nanoTime(), spell.served, isCrowded);
    }

    /**
     * Ends the thread, then sends what the guest had still queued.
     *
     * @throws RuntimeException whatever a device of the embedder's threw on the thread
     * @throws Error likewise
     */
    void stop(GuestMemory memory) {
        endThread();
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
        drain(memory);
    }

    /** Ends the thread, if there is one: memory must not go before it has. */
    void endThread() {
        stopping = true;
        if (thread != null) {
            LockSupport.unpark(thread);
            MonitorThread.awaitEnd(thread);
        }
    }

    private void drain(GuestMemory memory) {
        try {
            ring.pass(ring.view(memory), devices);
        } catch (GuestException e) {
            // It has ended already, and what it left is not worth another end.
        }
    }
}
