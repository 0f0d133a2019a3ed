package jukvm.monitor;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import jukvm.abi.Dialect;
import jukvm.device.AttachedBlock;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.hypercall.Hypercalls;
import jukvm.hypercall.Puts;
import jukvm.kvm.KvmVcpu;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one guest: asked for, begun on the thread of its vCPU, from an empty VM to its
 * result.
 */
final class GuestRun {
    private static final Logger LOG = LoggerFactory.getLogger(GuestRun.class);

    private static final String LEFT_BEHIND =
            "a device or the console has not come back since the guest was stopped; what it still"
                    + " writes is not known";

    /** How far it has come, for threads that race to begin or to stop it. */
    private enum Phase {
        NEW,
        REQUESTED,
        BEGUN
    }

    private final Monitor monitor;
    private final GuestPlan plan;
    private final TemplateKey templateKey;
    private final Beginning beginning;
    private final StopRequest stop;
    private final Turns.Turn turn;
    private final Overseer overseer;
    private final LeftBehind leftBehind;
    private final AtomicReference<Phase> phase = new AtomicReference<>(Phase.NEW);
    private final CompletableFuture<RunResult> end = new CompletableFuture<>();
    private final AtomicBoolean delivered = new AtomicBoolean();

    // Of the shell's thread, until they are delivered.
    private long requested;
    private final Flight flight = new Flight();
    private RunResult.@Nullable Start start;
    private @Nullable Outcome outcome;
    private @Nullable Throwable thrown;
    private long shellReady;
    private long laidOut;
    private long entered;
    private long halted;
    private final Hypercalls hypercalls;
    private final Optional<RingThread> ringThread;
    private volatile @Nullable SnapshotPoint snapshotPoint;
    private volatile @Nullable Snapshot snapshot;
    private long exits;
    private long traps;
    private long cpuNanos;

    GuestRun(Monitor monitor, GuestPlan plan, StopRequest stop, Turns.Turn turn) {
        this.turn = turn;
        this.monitor = monitor;
        this.plan = plan;
        this.stop = stop;
        this.templateKey = TemplateKey.of(plan);
        this.overseer = new Overseer(monitor.time(), plan.limits(), this::stop);
        this.leftBehind = new LeftBehind(monitor.time(), this::leaveBehind);
        this.hypercalls = limited(plan.dialect().hypercalls(plan.devices()));
        this.beginning =
                plan.snapshot()
                        .<Beginning>map(CloneBeginning::new)
                        .orElseGet(
                                () -> new ImageBeginning(monitor, plan, hypercalls, templateKey));
        this.ringThread =
                plan.devices().ring().map(ring -> new RingThread(ring, plan.devices(), this::stop));
    }

    private Hypercalls limited(Hypercalls unlimited) {
        long perSecond = plan.limits().hypercallsPerSecond();
        return perSecond == Limits.NONE
                ? unlimited
                : new LimitedHypercalls(unlimited, perSecond, this::stop);
    }

    /**
     * Notes that the run was asked for, at a time of {@link System#nanoTime}; its deadline counts
     * from there.
     *
     * @return whether this was the first time
     * @throws IllegalStateException if the snapshot it is to go on from is closed
     */
    boolean request(long nanoTime) {
        plan.snapshot().ifPresent(Snapshot::requireOpen);
        requested = nanoTime;
        if (!phase.compareAndSet(Phase.NEW, Phase.REQUESTED)) {
            return false;
        }
        overseer.requested(nanoTime);
        return true;
    }

    /** Makes it impossible to request it; false if it has been requested. */
    boolean retire() {
        if (!phase.compareAndSet(Phase.NEW, Phase.BEGUN)) {
            return false;
        }
        end.completeExceptionally(new IllegalStateException("the tender is closed"));
        return true;
    }

    /** Begins a run that was requested; nothing if it was stopped meanwhile. */
    void begin() {
        if (!phase.compareAndSet(Phase.REQUESTED, Phase.BEGUN)) {
            return;
        }
        if (stop.wish() != null) {
            endUnstarted();
            return;
        }
        try {
            if (!monitor.shells().start(this)) {
                stop.ask(new Outcome.Cancelled());
                endUnstarted();
            }
        } catch (Error e) { // No thread can be had.
            thrown = e;
            endUnstarted();
        }
    }

    /** Has it stopped, wherever it is; from any thread. */
    void stop(Outcome wished) {
        stop.ask(wished);
        if (phase.compareAndSet(Phase.REQUESTED, Phase.BEGUN)) {
            endUnstarted();
        } else if (phase.get() == Phase.BEGUN) {
            leftBehind.stopped();
        }
    }

    // Its thread is not here to say how it ended: as it was to.
    private void leaveBehind() {
        plan.notices().tellNow(LEFT_BEHIND);
        Outcome wished = stop.wish();
        if (wished != null && delivered.compareAndSet(false, true)) {
            Ended ended = ended(wished, null);
            monitor.ledger().ended(ended);
            end.complete(ended.result(wished));
        }
    }

    /** Returns whether its thread has not come back from a device after it was stopped. */
    boolean isLeftBehind() {
        return leftBehind.hasHappened();
    }

    // It never had a VM.
    private void endUnstarted() {
        outcome = thrown == null ? stop.wish() : null;
        halted = System.nanoTime();
        plan.notices().close();
        release();
        deliver();
    }

    /** Returns what is complete once the guest has ended, by its result or what a device threw. */
    CompletableFuture<RunResult> end() {
        return end;
    }

    /** Returns what guests have in common with it whose memory begins alike. */
    TemplateKey templateKey() {
        return templateKey;
    }

    /** Returns how it begins. */
    Beginning beginning() {
        return beginning;
    }

    /** Returns what a shell must be like for the guest. */
    ShellKind kind() {
        return ShellKind.of(plan.memory(), plan.image().segments(), plan.ring());
    }

    /**
     * Runs the guest to its end; on the shell's thread.
     *
     * @param source of the shell, asked once
     * @param kept whether the shell has served another guest before
     */
    void tend(Supplier<VmShell> source, boolean kept) {
        RunResult.Start on = on(kept);
        start = on;
        monitor.ledger().started(on);
        LOG.debug("{}: starts on a VM ({}) at ring {}", plan.image().name(), on, plan.ring());
        try {
            flight.begun();
            outcome = tendAndFlush(source);
        } catch (Throwable e) {
            // Whatever it is, it belongs to whoever asked for the run, not to this thread.
            thrown = e;
        } finally {
            release();
        }
    }

    private RunResult.Start on(boolean kept) {
        if (!kept) {
            return RunResult.Start.COLD;
        }
        return templateKey.isSnapshot() ? RunResult.Start.SNAPSHOT : RunResult.Start.SHELL;
    }

    private void release() {
        leftBehind.over();
        overseer.ended();
        plan.devices().poller().close();
    }

    /** Returns whether the shell came out of it fit for another guest. */
    boolean mayKeepShell() {
        return outcome != null && !(outcome instanceof Outcome.HostError);
    }

    /** Hands the result over; on the shell's thread, after {@link #tend}. */
    void deliver() {
        if (!delivered.compareAndSet(false, true)) {
            return;
        }
        Ended ended = ended(outcome, thrown);
        try {
            LOG.debug("{}: {}", ended.guest(), outcome == null ? thrown : outcome);
            monitor.ledger().ended(ended);
            flight.ended(ended);
        } finally {
            if (outcome == null) {
                end.completeExceptionally(
                        thrown == null ? new IllegalStateException("no outcome") : thrown);
            } else {
                end.complete(ended.result(outcome));
            }
        }
    }

    private Ended ended(@Nullable Outcome had, @Nullable Throwable threw) {
        Counters counted = Counters.of(plan.devices(), hypercalls, exits, traps, cpuNanos);
        return new Ended(plan, had, threw, timeline(), counted, hypercalls.dialect(), start);
    }

    private Outcome tendAndFlush(Supplier<VmShell> source) {
        try {
            return tend(source);
        } finally {
            tellCutOff();
            plan.notices().close();
            plan.devices().console().end();
            plan.devices().blocks().values().forEach(AttachedBlock::flush);
        }
    }

    private void tellCutOff() {
        Puts puts = hypercalls.puts();
        if (puts.cut() > 0) {
            plan.notices()
                    .tell(
                            "console: the guest was stopped in a request, of which "
                                    + puts.cut()
                                    + " bytes were not printed");
        }
    }

    private Outcome tend(Supplier<VmShell> source) {
        try {
            VmShell shell = source.get();
            GuestMemory memory = shell.memory();
            shellReady = System.nanoTime();
            shell.expect(
                    new VmShell.Tables(plan.image().segments(), plan.dialect().ownsLowMemory()));
            if (!shell.begin(beginning.template())) {
                beginning.layOut(memory);
            }
            if (!shell.isPreparedFor(templateKey) && !beginning.setRegisters(shell)) {
                throw new IllegalStateException(Snapshot.CLOSED);
            }
            beginning.writeOwn(shell);
            laidOut = System.nanoTime();
            return serveAndEnter(memory, shell);
        } catch (HostException e) {
            halted = halted == 0 ? System.nanoTime() : halted;
            return new Outcome.HostError(e.getMessage(), e.errno());
        }
    }

    private Outcome serveAndEnter(GuestMemory memory, VmShell shell) {
        plan.devices()
                .ring()
                .ifPresent(
                        ring ->
                                ring.serveBy(
                                        () ->
                                                ringThread.ifPresent(
                                                        thread -> thread.start(shell, memory))));
        try {
            return enter(memory, shell);
        } finally {
            ringThread.ifPresent(thread -> thread.stop(memory));
        }
    }

    private Outcome enter(GuestMemory memory, VmShell shell) {
        KvmVcpu vcpu = shell.vcpu();
        Hypercalls calls = stoppedAtPoint();
        Hypercalls recorded = flight.recorded(plan.image().name(), calls);
        VcpuLoop loop = new VcpuLoop(shell, recorded, stop, turn, plan.ring());
        beginning.resume(loop);
        vcpu.attach();
        stop.aim(vcpu);
        overseer.entered(shell.clock(), memory);
        long cpuBefore = shell.clock().nanos();
        try {
            flight.entered();
            entered = System.nanoTime();
            Outcome ended = loop.run();
            if (calls instanceof SnapshotCalls at && at.isAtPoint()) {
                snapshot = takeSnapshot(shell, loop.resumeAt(at.port(), at.gpa()));
            }
            return ended;
        } finally {
            halted = System.nanoTime();
            flight.halted();
            cpuNanos = shell.clock().nanos() - cpuBefore;
            exits = loop.exits();
            traps = loop.traps();
            turn.give();
            stop.lower();
            vcpu.detach();
        }
    }

    private Hypercalls stoppedAtPoint() {
        SnapshotPoint point = snapshotPoint;
        return point == null
                ? hypercalls
                : new SnapshotCalls(hypercalls, point, () -> stop(new Outcome.Cancelled()));
    }

    private Snapshot takeSnapshot(VmShell shell, Snapshot.Resume resume) {
        Dialect spoken = Dialect.named(hypercalls.dialect()).orElse(plan.dialect());
        VcpuSnapshot vcpu = shell.vcpu().save(plan.ring() == 0);
        try {
            return new Snapshot(plan, spoken, shell.memory().template(), vcpu, resume);
        } catch (RuntimeException e) {
            vcpu.close();
            throw e;
        }
    }

    /** Has it stop at a point for a snapshot; before it is requested. */
    void stopAt(SnapshotPoint point) {
        if (plan.devices().ring().isPresent()) {
            throw new ConfigException(
                    "a guest with a network ring cannot be snapshot; build it with netRing(false)");
        }
        snapshotPoint = point;
    }

    /** Returns the snapshot that was taken, null if its point was not reached. */
    @Nullable Snapshot snapshot() {
        return snapshot;
    }

    private Timeline timeline() {
        return new Timeline(
                requested,
                Math.max(requested, plan.image().readAt()),
                shellReady,
                laidOut,
                entered,
                hypercalls.firstCallAt(),
                hypercalls.puts().firstAt(),
                halted == 0 ? System.nanoTime() : halted,
                System.nanoTime());
    }
}
