package jukvm.monitor;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import jukvm.abi.Dialect;
import jukvm.device.AttachedDevice;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.Hypercalls;
import jukvm.kvm.KvmVcpu;
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
        ASKED,
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
    private RunResult.Start start = RunResult.Start.NONE;
    private @Nullable Outcome outcome;
    private @Nullable Throwable thrown;
    private long shellReady;
    private long laidOut;
    private long entered;
    private long halted;
    private final GuestHypercalls hypercalls;
    private final Optional<RingThread> ringThread;
    private @Nullable SnapshotPoint snapshotPoint;
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
        this.overseer = new Overseer(monitor.time(), monitor.aside(), plan.limits(), this::stop);
        this.leftBehind = new LeftBehind(monitor.time(), monitor.aside(), this::leaveBehind);
        this.hypercalls = plan.dialect().hypercalls(plan.devices());
        this.beginning =
                plan.snapshot()
                        .<Beginning>map(CloneBeginning::new)
                        .orElseGet(
                                () -> new ImageBeginning(monitor, plan, hypercalls, templateKey));
        this.ringThread =
                plan.devices().ring().map(ring -> new RingThread(ring, plan.devices(), this::stop));
    }

    private Hypercalls limited() {
        long perSecond = plan.limits().hypercallsPerSecond();
        return perSecond == Limits.NONE
                ? hypercalls
                : new LimitedHypercalls(hypercalls, perSecond, this::stop);
    }

    /**
     * Notes that the run was asked for, at a time of {@link System#nanoTime}; its deadline counts
     * from there.
     *
     * @param point at which it is stopped for a snapshot, if it is
     * @return whether this was the first time; otherwise nothing is changed
     * @throws ConfigException if it cannot be snapshot
     * @throws IllegalStateException if the snapshot it is to go on from is closed
     */
    boolean request(long nanoTime, @Nullable SnapshotPoint point) {
        plan.snapshot().ifPresent(Snapshot::requireOpen);
        if (point != null && plan.devices().ring().isPresent()) {
            throw new ConfigException(
                    "a guest with a network ring cannot be snapshot; build it with netRing(false)");
        }
        if (!phase.compareAndSet(Phase.NEW, Phase.ASKED)) {
            return false;
        }
        requested = nanoTime;
        snapshotPoint = point;
        phase.set(Phase.REQUESTED);
        overseer.requested(nanoTime);
        if (stop.wish() != null) {
            endUnlessBegun(); // It was stopped before.
        }
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
        try {
            if (!monitor.shells().start(this)) {
                stop.ask(new Outcome.Cancelled());
                endAside();
            }
        } catch (Error e) { // No thread can be had.
            thrown = e;
            endAside();
        }
    }

    /** Has it stopped, wherever it is; from any thread. */
    void stop(Outcome wished) {
        stop.ask(wished);
        endUnlessBegun();
    }

    private void endUnlessBegun() {
        if (phase.compareAndSet(Phase.REQUESTED, Phase.BEGUN)) {
            endAside();
        }
        if (phase.get() == Phase.BEGUN) {
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

    // It never had a VM. Who stopped it may be the thread that keeps time, and what hangs on its
    // end is the embedder's.
    private void endAside() {
        halted = System.nanoTime();
        monitor.aside().run(this::endUnstarted);
    }

    private void endUnstarted() {
        outcome = stop.wish();
        finish();
        deliver();
    }

    /**
     * Returns what is complete once the guest has ended, by its result or what the embedder's
     * console or devices threw.
     */
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
        start = on(kept);
        monitor.ledger().started(start);
        attempt(
                () -> {
                    LOG.debug("{}: starts ({}), ring {}", plan.image().name(), start, plan.ring());
                    flight.begun();
                    outcome = tend(source);
                });
        finish();
    }

    private RunResult.Start on(boolean kept) {
        if (templateKey.isSnapshot()) {
            return kept ? RunResult.Start.SNAPSHOT : RunResult.Start.COLD_SNAPSHOT;
        }
        return kept ? RunResult.Start.SHELL : RunResult.Start.COLD;
    }

    // Whatever is thrown belongs to whoever asked for the run, not to this thread; and it keeps
    // nothing else from being done.
    private void attempt(Runnable step) {
        try {
            step.run();
        } catch (Throwable e) {
            if (thrown == null) {
                thrown = e;
            } else if (thrown != e) {
                thrown.addSuppressed(e);
            }
        }
    }

    // Data goes first, and the console, which is told of the end, last. Until then a stop may have
    // to end what it does.
    private void finish() {
        for (AttachedDevice device : plan.devices().all()) {
            attempt(device::flush);
        }
        attempt(() -> hypercalls.facts().puts().tellCut(plan.notices()));
        attempt(plan.notices()::close);
        attempt(plan.devices().console()::end);
        stop.over();
        leftBehind.over();
        overseer.ended();
        attempt(plan.devices().poller()::close);
        if (thrown != null) {
            outcome = null;
        }
    }

    /** Returns whether the shell came out of it fit for another guest. */
    boolean mayKeepShell() {
        return outcome != null && !(outcome instanceof Outcome.HostError);
    }

    /** Hands the result over; on the shell's thread, after {@link #tend}. */
    void deliver() {
        if (delivered.compareAndSet(false, true)) {
            attempt(this::tell);
        }
        if (thrown != null) {
            end.completeExceptionally(thrown); // Unless it is complete, and that was a logger.
        }
    }

    private void tell() {
        Ended ended = ended(outcome, thrown);
        try {
            monitor.ledger().ended(ended);
            flight.ended(ended);
            LOG.debug("{}: {}", ended.guest(), outcome == null ? thrown : outcome);
        } finally {
            if (outcome != null) {
                end.complete(ended.result(outcome));
            }
        }
    }

    private Ended ended(@Nullable Outcome had, @Nullable Throwable threw) {
        Counters counted = Counters.of(plan.devices(), hypercalls.facts(), exits, traps, cpuNanos);
        return new Ended(plan, had, threw, timeline(), counted, spoken(), start);
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
        Hypercalls recorded = flight.recorded(plan.image().name(), hypercalls, calls);
        VcpuLoop loop = new VcpuLoop(shell, plan, recorded, hypercalls.facts(), stop, turn);
        beginning.resume(loop);
        vcpu.attach();
        stop.aim(vcpu);
        long cpuBefore = shell.clock().nanos();
        try {
            overseer.entered(shell.clock(), memory, monitor.shells().scan());
            flight.entered();
            entered = System.nanoTime();
            Outcome ended = loop.run();
            if (ended instanceof Outcome.Snapshotted && calls instanceof SnapshotCalls at) {
                snapshot = Snapshot.take(plan, spoken(), shell, at.resume(loop));
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

    private Dialect spoken() {
        return plan.dialect().spokenBy(hypercalls.facts().firstPort());
    }

    private Hypercalls stoppedAtPoint() {
        SnapshotPoint at = snapshotPoint;
        Runnable stopper = () -> stop(new Outcome.Snapshotted());
        return at == null ? limited() : new SnapshotCalls(hypercalls, limited(), at, stopper);
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
                hypercalls.facts().firstCallAt(),
                hypercalls.facts().puts().firstAt(),
                halted == 0 ? System.nanoTime() : halted,
                System.nanoTime());
    }
}
