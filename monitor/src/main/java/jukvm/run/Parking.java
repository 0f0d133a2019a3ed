package jukvm.run;

import java.util.concurrent.TimeUnit;
import jukvm.control.RunState;
import jukvm.control.Time;
import jukvm.error.HostException;
import jukvm.io.Poller;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.GuestMemory;
import jukvm.vm.GuestVm;
import jukvm.vm.PageTableKey;
import jukvm.vm.ResumePoint;
import jukvm.vm.VmSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Parks one guest: where VMs are many and it has waited for long, it gives up its VM and its
 * thread, keeps its memory and its registers, and goes on in another VM once there is something to
 * do for it. To the guest, nothing has happened but time.
 *
 * <p>{@link #call} may come from any thread at any time, and is never lost. The rest belongs to the
 * thread that the guest has, or to whoever {@code goesOn} has go on with it.
 */
final class Parking {
    private static final Logger LOG = LoggerFactory.getLogger(Parking.class);

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final long MOST_PATIENCE = 10 * SECOND;

    private enum Phase {
        /** It has a VM, or is about to, or ends. */
        RUNNING,
        /** It has left its VM, and is not parked yet. */
        LEAVING,
        /** It has none. */
        PARKED
    }

    private final RunServices services;
    private final RunState state;
    private final Runnable goesOn;
    private boolean isAllowed;
    private long patience = Poller.LONG_NANOS;

    private volatile boolean isCalled; // Since it last began to wait.
    private Phase phase = Phase.RUNNING;
    private long place;
    private Time.@Nullable Timer timer;

    // What is left of it while it has no VM.
    private @Nullable GuestMemory memory;
    private @Nullable VcpuSnapshot vcpu;
    private @Nullable ResumePoint point;
    private long leftAt;

    /**
     * Makes one for a guest that has not begun.
     *
     * @param isAllowed whether it can be parked at all
     * @param goesOn starts it again, or ends it if it is to stop; short
     */
    Parking(RunServices services, RunState state, boolean isAllowed, Runnable goesOn) {
        this.services = services;
        this.state = state;
        this.isAllowed = isAllowed;
        this.goesOn = goesOn;
    }

    /**
     * Notes that the guest's thread is about to look whether something is asked of it, and wait.
     */
    void looks() {
        isCalled = false;
    }

    /**
     * Returns whether a guest is to be parked. It is not worth while for one that is called each
     * second; who was called soon after it was parked is to wait longer before it is again.
     *
     * @param waited how long it has waited, in nanoseconds
     * @param left how long it will wait if nothing comes, in nanoseconds
     */
    boolean isWanted(long waited, long left) {
        return isAllowed
                && !isCalled
                && waited >= patience
                && left >= Math.max(patience, SECOND)
                && state.reason() == null
                && services.pool().isCrowded();
    }

    /**
     * Takes a guest out of its VM.
     *
     * @param at the hypercall that it waits in
     * @return false if it cannot be taken, and is to go on where it is
     */
    boolean leave(GuestVm from, VmSource source, ResumePoint at) {
        VcpuSnapshot saved = null;
        try {
            saved = from.save();
            leftAt = System.nanoTime();
            memory = source.takeMemory();
        } catch (HostException e) {
            LOG.debug("guest cannot be parked: {}", e.getMessage());
            isAllowed = false;
            if (saved != null) {
                saved.close();
            }
            return false;
        }
        vcpu = saved;
        point = at;
        synchronized (this) {
            phase = Phase.LEAVING;
        }
        return true;
    }

    /** Returns whether the guest has left its VM, and is to be {@linkplain #park parked}. */
    synchronized boolean isLeaving() {
        return phase == Phase.LEAVING;
    }

    /** Waits, without a thread, for what the guest waits for; from now on others may have it. */
    void park(Poller waiter) {
        waiter.giveBack();
        boolean isNeeded;
        synchronized (this) {
            try {
                place = services.lot().add(waiter.watched(), this::call);
            } catch (HostException e) {
                LOG.debug("guest cannot be parked: {}", e.getMessage());
                isAllowed = false;
                isCalled = true;
            }
            timer = services.time().schedule(this::call, waiter.leftNanos());
            phase = Phase.PARKED;
            isNeeded = isCalled;
        }
        if (isNeeded) {
            call();
        }
    }

    /** Has the guest look what there is to do, if it is parked; from any thread. */
    void call() {
        synchronized (this) {
            isCalled = true;
            if (phase != Phase.PARKED) {
                return;
            }
            phase = Phase.RUNNING;
            Time.cancel(timer);
        }
        services.lot().remove(place);
        goesOn.run();
    }

    /** Returns whether the guest was parked, and is to {@link #goOn} or to end. */
    boolean isParked() {
        return memory != null;
    }

    /**
     * Puts the guest into a VM.
     *
     * @param tables what its page tables follow from
     * @throws HostException if the host refuses; nothing is left of the guest then
     */
    GuestVm goOn(VmSource source, PageTableKey tables) {
        GuestMemory own = memory;
        VcpuSnapshot saved = vcpu;
        if (own == null || saved == null) {
            throw new IllegalStateException("the guest is not parked");
        }
        memory = null; // The thread closes it.
        boolean wasLong = System.nanoTime() - leftAt >= MOST_PATIENCE;
        patience = wasLong ? Poller.LONG_NANOS : Math.min(2 * patience, MOST_PATIENCE);
        try {
            GuestVm vm = source.vm(own);
            vm.goOn(saved, System.nanoTime() - leftAt, tables);
            return vm;
        } finally {
            saved.close();
        }
    }

    /** Returns where the guest goes on, null if it was never parked. */
    @Nullable ResumePoint point() {
        return point;
    }

    /** Gives back what is left of a guest that ends where it is parked. */
    void end(@Nullable NetRingServer ring) {
        GuestMemory own = memory;
        VcpuSnapshot saved = vcpu;
        memory = null;
        if (saved != null) {
            saved.close();
        }
        if (own == null) {
            return;
        }
        try {
            if (ring != null) {
                ring.stop(own);
            }
        } finally {
            own.close();
        }
    }
}
