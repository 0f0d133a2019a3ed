package jukvm.run;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jukvm.control.Admission;
import jukvm.control.GuestStop;
import jukvm.control.LimitWatchdog;
import jukvm.control.RunState;
import jukvm.control.Time;
import jukvm.control.VcpuScheduler;
import jukvm.device.AttachedDevice;
import jukvm.device.Devices;
import jukvm.device.Notices;
import jukvm.error.HostException;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.hypercall.GuestHypercalls;
import jukvm.io.Poller;
import jukvm.io.SparseOutput;
import jukvm.telemetry.EndedRun;
import jukvm.telemetry.FlightRecording;
import jukvm.vm.GuestStart;
import jukvm.vm.GuestVm;
import jukvm.vm.SnapshotState;
import jukvm.vm.VmJob;
import jukvm.vm.VmKind;
import jukvm.vm.VmSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run, from its request to its result, in five steps on its VM's thread: {@link #takeVm},
 * {@link #layOut}, {@link GuestStay#enter}, {@link #finish}, {@link #deliver}. A guest that is
 * parked enters again, on another's. What was asked is its {@link RunRequest}, where it stands its
 * {@link RunState}, what is known of it its {@link RunRecord}.
 */
public final class RunSession implements GuestSession, VmJob, GuestStop.Ending {
    private static final Logger LOG = LoggerFactory.getLogger(RunSession.class);

    // As long as a turn: one that computes on competes for those, and keeps nobody from beginning.
    private static final long BEGINNING_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

    private static final String ABANDONED =
            "a device or the console has not come back since the guest was stopped; what it still"
                    + " writes is not known";

    private final RunServices services;
    private final RunRequest request;
    private final RunState state = new RunState();
    private final Parking parking;
    private final VcpuScheduler.Turn turn;
    private final GuestStop stop;
    private final LimitWatchdog watchdog;
    private final Notices notices;
    private final Devices devices;
    private final GuestHypercalls hypercalls;
    private final GuestStart start;
    private final RunRecord record;
    private final FlightRecording recording = new FlightRecording();
    private final GuestStay stay;
    private final CompletableFuture<RunResult> result = new CompletableFuture<>();
    private boolean hasWaited; // Its thread's.
    private boolean isDelivered;

    /**
     * Makes what lets guests begin: twice as many at a time as there are processors, so that one
     * wakes up or is cleaned where another runs, until they wait or end. More would have more VMs
     * than the processors' caches, and wait for each other with a thread each.
     */
    public static Admission<RunSession> entrance(Time time, int processors) {
        return new Admission<>(2 * processors, RunSession::enter, time, BEGINNING_NANOS);
    }

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
        this.parking = new Parking(services, state, asked.mayBeParked(request), this::goOn);
        Poller poller = new Poller(this::beforeWaiting, parking::isWanted);
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
        this.record = new RunRecord(request, devices, hypercalls.facts());
        this.watchdog =
                new LimitWatchdog(
                        services.time(), services.background(), request.limits(), stop::ask);
        this.stay =
                new GuestStay(
                        services,
                        asked,
                        request,
                        state,
                        turn,
                        stop,
                        watchdog,
                        devices,
                        notices,
                        hypercalls,
                        record,
                        recording,
                        parking);
        this.start = startOf(request);
    }

    private void beforeWaiting() {
        if (!hasWaited) {
            hasWaited = true;
            services.entrance().leave(this);
        }
        stay.beforeWaiting();
    }

    private void serveRing() {
        stay.serveRing();
    }

    private void wake(Poller poller) {
        turn.interrupt();
        poller.wake();
        parking.call();
    }

    private void nudge() {
        devices.poller().nudge();
        parking.call();
    }

    private GuestStart startOf(RunRequest asked) {
        SnapshotState from = asked.snapshot();
        return from == null
                ? new ImageStart(asked, devices, hypercalls, services.templates(), stay.control())
                : new CloneStart(asked, from, devices);
    }

    @Override
    public void request() {
        watchdog.requested(request.requestedAt());
    }

    @Override
    public void begin() {
        services.entrance().arrive(this);
        services.entrance().begin();
    }

    private void enter() {
        if (!state.start()) {
            services.entrance().leave(this);
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
        stay.core(to, this::nudge);
    }

    @Override
    public CompletableFuture<RunResult> result() {
        return result;
    }

    @Override
    public @Nullable SnapshotState snapshot() {
        return stay.snapshot();
    }

    @Override
    public CompletableFuture<SnapshotState> branch() {
        return stay.branch(this::nudge);
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
    public boolean run(VmSource source, boolean isKept) {
        record.attempt(() -> record.endedWith(runIn(source, isKept)));
        if (parking.isLeaving()) {
            return true;
        }
        finish();
        Outcome outcome = record.outcome();
        return outcome != null && outcome.kind() != OutcomeKind.HOST_ERROR && stay.leavesNothing();
    }

    private @Nullable Outcome runIn(VmSource source, boolean isKept) {
        try {
            if (parking.isParked()) {
                return stay.goOn(source, start.tables());
            }
            begun(request.startedOn(isKept));
            if (!isKept) {
                services.entrance().leave(this); // To make a VM takes the host long.
            }
            GuestVm taken = takeVm(source);
            layOut(taken);
            return stay.enter(taken, source, start.resume());
        } catch (HostException e) {
            record.left();
            return new Outcome.HostError(e.getMessage(), e.errno());
        }
    }

    private void begun(RunResult.Start on) {
        record.startedOn(on);
        services.metrics().started(on);
        LOG.debug("{}: starts ({}), ring {}", name(), on, request.privilege());
        recording.begun();
    }

    private GuestVm takeVm(VmSource source) {
        GuestVm taken = source.vm();
        record.vmReady();
        return taken;
    }

    private void layOut(GuestVm in) {
        in.begin(start);
        start.writeOwn(in);
        record.laidOut();
    }

    // It was parked, and there is something for it, or it is to stop.
    private void goOn() {
        try {
            if (state.reason() == null && services.pool().start(this)) {
                return;
            }
            cancel(); // Unless it is to stop already.
        } catch (Error e) { // No thread can be had.
            record.failed(e);
        }
        services.background().run(this::endParked);
    }

    private void endParked() {
        try {
            record.attempt(stay::endParked);
            endUnstarted();
        } finally {
            services.pool().parkedEnded(this);
        }
    }

    // Data goes first, and the console, which is told of the end, last. Until then a stop may have
    // to end what it does.
    private void finish() {
        services.entrance().leave(this);
        stay.refuseSnapshots();
        for (AttachedDevice device : devices.all()) {
            record.attempt(device::flush);
        }
        record.attempt(() -> hypercalls.facts().puts().tellCut(notices));
        record.attempt(notices::close);
        record.attempt(devices.console()::end);
        isDelivered = !stop.ended();
        watchdog.ended();
        record.attempt(devices.poller()::close);
    }

    @Override
    public void deliver() {
        if (parking.isLeaving()) {
            if (!services.pool().parked(this)) {
                cancel();
            }
            parking.park(devices.poller());
            return; // Others may have it by now.
        }
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

    // It has no VM. Who stopped it may be the thread that keeps time, and what hangs on its
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
        stay.refuseSnapshots();
        EndedRun ended = record.abandoned(reason);
        services.metrics().ended(ended);
        result.complete(ended.result(reason));
    }

    private String name() {
        return request.image().name();
    }
}
