package jukvm.run;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import jukvm.control.CpuQuota;
import jukvm.control.GuestStop;
import jukvm.control.LimitWatchdog;
import jukvm.control.RunState;
import jukvm.control.VcpuScheduler;
import jukvm.debug.Backtrace;
import jukvm.device.AttachedDevice;
import jukvm.device.Devices;
import jukvm.device.Notices;
import jukvm.error.HostException;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.Hypercalls;
import jukvm.io.Poller;
import jukvm.io.SparseOutput;
import jukvm.kvm.Vcpu;
import jukvm.replay.RunControl;
import jukvm.telemetry.EndedRun;
import jukvm.telemetry.FlightRecording;
import jukvm.vm.GuestStart;
import jukvm.vm.GuestVm;
import jukvm.vm.SnapshotState;
import jukvm.vm.VmJob;
import jukvm.vm.VmKind;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run, from its request to its result, in five steps on its VM's thread: {@link #takeVm},
 * {@link #layOut}, {@link #enter}, {@link #finish}, {@link #deliver}. What was asked is its {@link
 * RunRequest}, where it stands its {@link RunState}, what is known of it its {@link RunRecord}.
 */
public final class RunSession implements GuestSession, VmJob, GuestStop.Ending {
    private static final Logger LOG = LoggerFactory.getLogger(RunSession.class);

    private static final String ABANDONED =
            "a device or the console has not come back since the guest was stopped; what it still"
                    + " writes is not known";

    private final RunServices services;
    private final RunRequest request;
    private final RunState state = new RunState();
    private final VcpuScheduler.Turn turn;
    private final GuestStop stop;
    private final LimitWatchdog watchdog;
    private final CpuQuota quota;
    private final Notices notices;
    private final Devices devices;
    private final GuestHypercalls hypercalls;
    private final GuestStart start;
    private final @Nullable NetRingServer ringServer;
    private final RunRecord record;
    private final CallLayers layers;
    private final SnapshotTaker taker;
    private final LiveSnapshots snapshots = new LiveSnapshots();
    private final Inspection inspection;
    private final @Nullable RunControl control;
    private final FlightRecording recording = new FlightRecording();
    private final CompletableFuture<RunResult> result = new CompletableFuture<>();
    private volatile @Nullable SnapshotState snapshot;
    private @Nullable GuestVm vm;
    private boolean isDelivered;

    /**
     * Makes what is asked for ready to run, its devices attached; nothing is begun.
     *
     * @param stopAt where it is stopped for a snapshot, null if it is not
     * @throws jukvm.error.ConfigException if the guest cannot run like this
     * @throws HostException if the host cannot be asked which ring it runs
     * @throws IllegalStateException if the snapshot it is to go on from is closed
     */
    public RunSession(RunServices services, GuestSettings asked, @Nullable SnapshotPoint stopAt) {
        this.services = services;
        this.request = asked.request(services.host(), stopAt);
        this.turn = services.scheduler().turn();
        this.notices = new Notices(asked.operator);
        Poller poller = new Poller(snapshots.thenWaiting(turn::leave));
        this.stop =
                new GuestStop(
                        state,
                        () -> wake(poller),
                        asked.console,
                        services.time(),
                        services.background(),
                        this);
        this.devices =
                asked.attach(
                        request,
                        services.host(),
                        PrintedText.watched(
                                LimitedConsole.of(asked.console, request.limits(), stop::ask),
                                stopAt),
                        poller,
                        notices,
                        this::serveRing);
        this.hypercalls = request.dialect().hypercalls(devices);
        this.control = asked.control(request);
        this.layers =
                new CallLayers(
                        request, devices, hypercalls, asked.trace, control, stop::ask, notices);
        this.start = startOf(request);
        this.ringServer =
                devices.ring()
                        .map(ring -> new NetRingServer(ring, devices, stop::ask))
                        .orElse(null);
        this.record = new RunRecord(request, devices, hypercalls.facts());
        this.watchdog =
                new LimitWatchdog(
                        services.time(), services.background(), request.limits(), stop::ask);
        this.quota = new CpuQuota(services.time(), turn, asked.processors);
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

    private void wake(Poller poller) {
        turn.interrupt();
        poller.wake();
    }

    private GuestStart startOf(RunRequest asked) {
        SnapshotState from = asked.snapshot();
        return from == null
                ? new ImageStart(asked, devices, hypercalls, services.templates(), control)
                : new CloneStart(asked, from, devices);
    }

    @Override
    public void request() {
        watchdog.requested(request.requestedAt());
    }

    @Override
    public void begin() {
        if (!state.start()) {
            return;
        }
        try {
            if (!services.pool().start(this)) {
                cancel();
                services.background().run(this::endUnstarted);
            }
        } catch (Error e) { // No thread can be had.
            record.failed(e);
            services.background().run(this::endUnstarted);
        }
    }

    @Override
    public void cancel() {
        stop.ask(new Outcome.Cancelled());
    }

    @Override
    public void pause() {
        turn.pause();
    }

    @Override
    public void resume() {
        turn.resume();
    }

    @Override
    public void core(SparseOutput to) {
        inspection.core(to, devices.poller()::nudge);
    }

    @Override
    public CompletableFuture<RunResult> result() {
        return result;
    }

    @Override
    public @Nullable SnapshotState snapshot() {
        return snapshot;
    }

    @Override
    public CompletableFuture<SnapshotState> branch() {
        return snapshots.ask(devices.poller()::nudge);
    }

    @Override
    public VmKind kind() {
        return request.vmKind();
    }

    @Override
    public GuestStart start() {
        return start;
    }

    @Override
    public boolean isAbandoned() {
        return state.phase() == RunState.Phase.ABANDONED;
    }

    @Override
    public boolean run(Supplier<GuestVm> source, boolean isKept) {
        RunResult.Start on = request.startedOn(isKept);
        record.startedOn(on);
        services.metrics().started(on);
        record.attempt(
                () -> {
                    LOG.debug("{}: starts ({}), ring {}", name(), on, request.privilege());
                    recording.begun();
                    record.endedWith(runIn(source));
                });
        finish();
        Outcome outcome = record.outcome();
        return outcome != null
                && outcome.kind() != OutcomeKind.HOST_ERROR
                && !inspection.mayHaveWritten()
                && control == null;
    }

    private Outcome runIn(Supplier<GuestVm> source) {
        try {
            GuestVm taken = takeVm(source);
            layOut(taken);
            return enter(taken);
        } catch (HostException e) {
            record.left();
            return new Outcome.HostError(e.getMessage(), e.errno());
        }
    }

    private GuestVm takeVm(Supplier<GuestVm> source) {
        GuestVm taken = source.get();
        vm = taken;
        record.vmReady();
        return taken;
    }

    private void layOut(GuestVm in) {
        in.begin(start);
        start.writeOwn(in);
        record.laidOut();
    }

    private Outcome enter(GuestVm in) {
        try {
            return loop(in);
        } finally {
            if (ringServer != null) {
                ringServer.stop(in.memory());
            }
        }
    }

    private Outcome loop(GuestVm in) {
        Hypercalls limited = layers.limited(in);
        SnapshotCalls point = layers.stoppedAtPoint(limited);
        Hypercalls calls =
                snapshots.over(
                        hypercalls,
                        recording.recorded(name(), hypercalls, point == null ? limited : point),
                        (port, gpa) -> taker.branch(in, port, gpa));
        Vcpu vcpu = inspection.vcpu(in);
        VcpuLoop loop =
                new VcpuLoop(
                        in,
                        vcpu,
                        calls,
                        hypercalls.facts(),
                        request.dialect(),
                        state,
                        turn,
                        start.resume());
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
            recording.entered();
            record.entered();
            Outcome how = loop.run();
            while (inspection.goesBackFrom(how)) {
                how = loop.run();
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
            inspection.ended(end);
            record.left();
            recording.left();
            record.usedCpu(in.cpuNanos());
            turn.give();
            stop.detach();
            vcpu.detach();
        }
    }

    // On the vCPU's thread, at each kick of the network ring.
    private void serveRing() {
        if (ringServer != null && vm != null) {
            ringServer.kicked(vm.memory());
        }
    }

    // Data goes first, and the console, which is told of the end, last. Until then a stop may have
    // to end what it does.
    private void finish() {
        vm = null;
        snapshots.end();
        for (AttachedDevice device : devices.all()) {
            record.attempt(device::flush);
        }
        record.attempt(() -> hypercalls.facts().puts().tellCut(notices));
        record.attempt(notices::close);
        record.attempt(devices.console()::end);
        isDelivered = !stop.ended();
        watchdog.ended();
        quota.ended();
        record.attempt(devices.poller()::close);
    }

    @Override
    public void deliver() {
        if (!isDelivered) {
            isDelivered = true;
            record.attempt(() -> tell(record.ended()));
        }
        Throwable thrown = record.thrown();
        if (thrown != null) {
            result.completeExceptionally(thrown); // Unless it is complete, and that was a logger.
        }
    }

    private void tell(EndedRun ended) {
        Outcome outcome = ended.outcome();
        try {
            services.metrics().ended(ended);
            recording.ended(ended);
            LOG.debug("{}: {}", name(), outcome == null ? ended.thrown() : outcome);
        } finally {
            if (outcome != null) {
                result.complete(ended.result(outcome));
            }
        }
    }

    // It never had a VM. Who stopped it may be the thread that keeps time, and what hangs on its
    // end is the embedder's.
    @Override
    public void endUnstarted() {
        record.left();
        record.endedWith(state.reason());
        finish();
        deliver();
    }

    // Its thread is not here to say how it ended: as it was to.
    @Override
    public void abandon(Outcome reason) {
        notices.tellNow(ABANDONED);
        snapshots.end();
        EndedRun ended = record.abandoned(reason);
        services.metrics().ended(ended);
        result.complete(ended.result(reason));
    }

    private String name() {
        return request.image().name();
    }
}
