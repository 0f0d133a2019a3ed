package jukvm.run;

import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import jukvm.control.CpuQuota;
import jukvm.control.GuestStop;
import jukvm.control.LimitWatchdog;
import jukvm.control.RunState;
import jukvm.control.VcpuScheduler;
import jukvm.debug.Backtrace;
import jukvm.device.Devices;
import jukvm.device.Notices;
import jukvm.error.HostException;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.Hypercalls;
import jukvm.io.ParkedException;
import jukvm.io.SparseOutput;
import jukvm.kvm.Vcpu;
import jukvm.replay.RunControl;
import jukvm.telemetry.FlightRecording;
import jukvm.vm.GuestVm;
import jukvm.vm.PageTableKey;
import jukvm.vm.ResumePoint;
import jukvm.vm.SnapshotState;
import jukvm.vm.VmSource;
import org.jspecify.annotations.Nullable;

/**
 * A guest in its VM, from when it is entered to when it is left, and again for each VM that it goes
 * on in after it was parked. Belongs to the thread of that VM, but for what says otherwise.
 */
final class GuestStay {
    private final RunRequest request;
    private final RunState state;
    private final VcpuScheduler.Turn turn;
    private final GuestStop stop;
    private final LimitWatchdog watchdog;
    private final CpuQuota quota;
    private final GuestHypercalls hypercalls;
    private final @Nullable NetRingServer ringServer;
    private final RunRecord record;
    private final Parking parking;
    private final CallLayers layers;
    private final SnapshotTaker taker;
    private final LiveSnapshots snapshots = new LiveSnapshots();
    private final Inspection inspection;
    private final @Nullable RunControl control;
    private final FlightRecording recording;
    private volatile @Nullable SnapshotState snapshot;
    private @Nullable GuestVm vm;
    private @Nullable Hypercalls calls;
    private @Nullable SnapshotCalls point;

    /** Makes one for a guest that has not begun, of what belongs to its run. */
    GuestStay(
            RunServices services,
            GuestSettings asked,
            RunRequest request,
            RunState state,
            VcpuScheduler.Turn turn,
            GuestStop stop,
            LimitWatchdog watchdog,
            Devices devices,
            Notices notices,
            GuestHypercalls hypercalls,
            RunRecord record,
            FlightRecording recording,
            Parking parking) {
        this.request = request;
        this.state = state;
        this.turn = turn;
        this.stop = stop;
        this.watchdog = watchdog;
        this.quota = new CpuQuota(services.time(), turn, asked.processors);
        this.hypercalls = hypercalls;
        this.record = record;
        this.recording = recording;
        this.parking = parking;
        this.control = asked.control(request);
        this.layers =
                new CallLayers(
                        request, devices, hypercalls, asked.trace, control, stop::ask, notices);
        this.ringServer =
                devices.ring()
                        .map(ring -> new NetRingServer(ring, devices, stop::ask))
                        .orElse(null);
        this.inspection =
                new Inspection(
                        asked,
                        request,
                        state,
                        turn,
                        notices,
                        stop,
                        services,
                        new MonitorCommands(request, devices, record));
        this.taker = new SnapshotTaker(request, record, devices, hypercalls, control, inspection);
    }

    /** Returns what records or replays the run, null if nothing does. */
    @Nullable RunControl control() {
        return control;
    }

    /** Returns whether its VM is as any other's whose guest has ended. */
    boolean leavesNothing() {
        return control == null && !inspection.mayHaveWritten();
    }

    /** Does what is asked of the guest's thread, which is about to wait; and lets others run. */
    void beforeWaiting() {
        parking.looks();
        snapshots.takeAsked();
        turn.leave();
    }

    /** Serves the network ring, whose guest has kicked. */
    void serveRing() {
        if (ringServer != null && vm != null) {
            ringServer.kicked(vm.memory());
        }
    }

    /** Writes a core of the guest; as {@link GuestSession#core}. */
    void core(SparseOutput to, Runnable nudge) {
        inspection.core(to, nudge);
    }

    /** Asks for a snapshot of the guest, which goes on; as {@link GuestSession#branch}. */
    CompletableFuture<SnapshotState> branch(Runnable nudge) {
        return snapshots.ask(nudge);
    }

    /** Returns the snapshot that the guest was stopped for, null if none; from any thread. */
    @Nullable SnapshotState snapshot() {
        return snapshot;
    }

    /**
     * Runs a guest that was parked; as {@link #enter}.
     *
     * @param tables what its page tables follow from
     */
    @Nullable Outcome goOn(VmSource source, PageTableKey tables) {
        GuestVm in;
        try {
            in = parking.goOn(source, tables);
        } catch (HostException e) {
            if (ringServer != null) {
                ringServer.endThread();
            }
            throw e;
        }
        return enter(in, source, parking.point());
    }

    /**
     * Runs the guest.
     *
     * @param in its VM, laid out
     * @param source of that
     * @param from what it goes on with, null if it begins at its first instruction
     * @return how it ended, null if it is to be parked
     * @throws HostException if the kernel cannot run it
     */
    @Nullable Outcome enter(GuestVm in, VmSource source, @Nullable ResumePoint from) {
        vm = in;
        try {
            return loop(in, source, from);
        } finally {
            vm = null;
            if (ringServer != null && !parking.isLeaving()) {
                ringServer.stop(in.memory());
            }
        }
    }

    private @Nullable Outcome loop(GuestVm in, VmSource source, @Nullable ResumePoint from) {
        Hypercalls answers = calls(in);
        Vcpu vcpu = inspection.vcpu(in);
        VcpuLoop loop =
                new VcpuLoop(
                        in,
                        vcpu,
                        answers,
                        hypercalls.facts(),
                        request.dialect(),
                        state,
                        turn,
                        from);
        if (control != null) {
            loop.controlBy(control);
            inspection.replays(control, loop);
        }
        record.runsBy(loop, in.cpuNanos());
        vcpu.attach();
        stop.attach(vcpu::kick);
        Optional<Outcome> end = Optional.empty();
        try {
            watchdog.entered(in::cpuNanos, in::ownBytes);
            quota.entered(in::cpuNanos);
            if (parking.point() == null) { // Else it was entered elsewhere before.
                recording.entered();
                record.entered();
            }
            Outcome how = run(loop, in, source);
            while (how != null && inspection.goesBackFrom(how)) {
                how = loop.run();
            }
            if (how == null) {
                return null;
            }
            Outcome outcome = Backtrace.of(how, request.image(), in.memory());
            end = Optional.of(outcome);
            if (control != null) {
                control.ended(outcome);
            }
            if (outcome.kind() == OutcomeKind.SNAPSHOT && point != null) {
                snapshot = taker.take(in, point.port(), point.gpa());
            }
            return outcome;
        } finally {
            if (!parking.isLeaving()) {
                inspection.ended(end);
                record.left();
                recording.left();
            }
            watchdog.left();
            quota.left();
            record.usedCpu(in.cpuNanos());
            turn.give();
            stop.detach();
            vcpu.detach();
        }
    }

    // The same in each VM: some of them count.
    private Hypercalls calls(GuestVm in) {
        Hypercalls made = calls;
        if (made == null) {
            Hypercalls limited = layers.limited(in);
            point = layers.stoppedAtPoint(limited);
            made =
                    snapshots.over(
                            hypercalls,
                            recording.recorded(
                                    request.image().name(),
                                    hypercalls,
                                    point == null ? limited : point),
                            (port, gpa) -> taker.branch(Objects.requireNonNull(vm), port, gpa));
            calls = made;
        }
        return made;
    }

    private @Nullable Outcome run(VcpuLoop loop, GuestVm in, VmSource source) {
        while (true) {
            try {
                return loop.run();
            } catch (ParkedException e) {
                if (parking.leave(in, source, Objects.requireNonNull(loop.point()))) {
                    return null;
                }
            }
        }
    }

    /** Gives back what a guest left that ends while it is parked; on a thread aside. */
    void endParked() {
        inspection.ended(Optional.empty());
        parking.end(ringServer);
    }

    /** Refuses what is asked of a guest that has ended; from any thread. */
    void refuseSnapshots() {
        snapshots.end();
    }
}
