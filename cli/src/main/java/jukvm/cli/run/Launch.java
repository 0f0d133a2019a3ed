package jukvm.cli.run;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import jukvm.abi.DeviceType;
import jukvm.abi.Dialect;
import jukvm.cli.device.DeviceOptions;
import jukvm.cli.device.OpenDevices;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.GuestOutput;
import jukvm.cli.invoker.GuestSource;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.MonitorLease;
import jukvm.cli.invoker.Outputs;
import jukvm.cli.invoker.SandboxMode;
import jukvm.cli.invoker.SignalWatch;
import jukvm.daemon.SignalTarget;
import jukvm.device.DeviceCounters;
import jukvm.device.PublishedPort;
import jukvm.error.ConfigException;
import jukvm.error.JukvmException;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.io.SparseSender;
import jukvm.memory.ChargedMemory;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Recording;
import jukvm.monitor.Snapshot;
import jukvm.sandbox.EarlySeal;
import jukvm.sandbox.Sandbox;
import jukvm.sandbox.Use;
import org.jspecify.annotations.Nullable;

/**
 * One run of a guest on behalf of a command: opens what its options name, runs it with the
 * invoker's standard output as its console, and says what the operator must know.
 */
public final class Launch {
    /** Guest memory in bytes. */
    public long memory = GuestSpec.DEFAULT_MEMORY;

    public List<String> arguments = List.of();

    /** Whether place-holders in the arguments are replaced. */
    boolean expand;

    PrivilegeMode privilege = PrivilegeMode.AUTO;
    @Nullable Duration deadline;
    @Nullable Dialect dialect;
    @Nullable Recording recording;
    public DebugTools.Wanted debug = new DebugTools.Wanted();
    public boolean netRing = true;
    List<PublishedPort> published = List.of();
    SandboxMode sandbox = SandboxMode.ON;
    GuestOutput.WhenUnread whenUnread = GuestOutput.WhenUnread.WAIT;
    public DeviceOptions devices = new DeviceOptions();
    public ToIntFunction<Outcome> status = ExitStatus::of;

    /** What is done about the end before a signal may end the process. */
    Consumer<Ended> whenEnded = ended -> {};

    // What a report may have, and some more.
    private static final long LONGEST_REPORT = 16 << 20;

    private final Invoker invoker;
    private final Outputs outputs;
    private final Consumer<String> operator;
    private final EndSentence sentence;
    private @Nullable EarlySeal early;

    /** Says how a guest ended, if that is not the guest's own affair. */
    @FunctionalInterface
    public interface EndSentence {
        /**
         * Returns the sentence; none if the guest's end speaks for itself.
         *
         * @param bySignal whether a signal ended the run
         */
        Optional<String> of(Outcome outcome, boolean bySignal);
    }

    /**
     * A run that is over.
     *
     * @param lostOutput how many bytes that it printed got lost
     * @param status what the invoker ends with
     * @param sandbox how its process was sealed
     */
    record Ended(RunResult result, long lostOutput, int status, RunSandbox sandbox) {}

    /**
     * @param operator takes lines that are not the guest's
     * @param sentence what of its end is said
     */
    public Launch(
            Invoker invoker, Outputs outputs, Consumer<String> operator, EndSentence sentence) {
        this.invoker = invoker;
        this.outputs = outputs;
        this.operator = operator;
        this.sentence = sentence;
    }

    /** What is done with a guest whose devices are open. */
    @FunctionalInterface
    private interface Action<T> {
        T take(Monitor monitor, GuestOutput output, OpenDevices opened, DebugTools tools)
                throws InterruptedException;
    }

    /**
     * Runs the guest of an image; as {@link #run(GuestSource, long)}.
     *
     * @throws jukvm.error.JukvmException if it cannot be started
     */
    public int run(GuestImage image, long requested) throws InterruptedException {
        return run(GuestSource.of(image), requested);
    }

    /**
     * Runs the guest and returns the status to end with.
     *
     * @param requested when that was asked for, by {@link System#nanoTime}
     * @throws jukvm.error.JukvmException if it cannot be started
     */
    public int run(GuestSource source, long requested) throws InterruptedException {
        early = invoker.isAlone() ? RunSandbox.prepare(sandbox) : null;
        return with(source, requested, this::run).status();
    }

    /**
     * Runs the guest to a point and gives the snapshot to somebody.
     *
     * @throws InterruptedException if a signal came before
     * @throws jukvm.error.JukvmException if it cannot be started, or does not come to the point
     */
    void snapshot(
            GuestSource source, SnapshotPoint point, long requested, Consumer<Snapshot> writer)
            throws InterruptedException {
        Thread taker = Thread.currentThread();
        Action<Boolean> action =
                (monitor, output, opened, tools) -> {
                    try (SignalWatch signals = invoker.onSignal(taker::interrupt)) {
                        taken(monitor, expanded(opened), point, writer);
                        output.loss().ifPresent(operator);
                        return signals.received();
                    }
                };
        with(source, requested, action);
    }

    // What is said of a signal is said before that may end the process.
    private void taken(
            Monitor monitor, GuestSpec guest, SnapshotPoint point, Consumer<Snapshot> writer)
            throws InterruptedException {
        try (Snapshot taken = monitor.snapshot(guest, point)) {
            writer.accept(taken);
        } catch (InterruptedException e) {
            operator.accept("stopped by a signal; no snapshot is written");
            throw e;
        }
    }

    private <T> T with(GuestSource source, long requested, Action<T> action)
            throws InterruptedException {
        if (recording == null) {
            check(source);
        }
        try (MonitorLease lease = invoker.monitor();
                ChargedMemory charged = charged(source.image());
                DebugTools tools = new DebugTools(debug, invoker, outputs);
                GuestOutput output = new GuestOutput(invoker.stdout(), whenUnread)) {
            try (OpenDevices opened =
                    OpenDevices.open(
                            invoker.caller(),
                            devices,
                            outputs,
                            tools.on(guest(source, charged, output, requested)))) {
                output.whenStopped(
                        () -> {
                            invoker.hurry();
                            opened.stopWaiting();
                            tools.stopWaiting();
                        });
                opened.notes().forEach(operator);
                return action.take(lease.monitor(), output, opened, tools);
            }
        }
    }

    private void check(GuestSource source) {
        GuestImage image = source.image();
        image.requireDialect(dialect == null ? image.dialect() : dialect);
        if (source.snapshot().isPresent() && debug.recording != null) {
            throw new ConfigException(
                    "--record: a run is recorded from its beginning, not from a snapshot");
        }
        devices.resolve(image);
        source.snapshot().ifPresent(taken -> devices.keepMacs(taken::mac));
        devices.publish(published);
        image.requireDevices(devices.types()); // Before a file is locked or emptied for nothing.
        if (expand) {
            Placeholders.check(arguments, devices.asked(DeviceType.NET_BASIC).keySet());
        }
    }

    // Before anything may listen to the caller, which is asked for it.
    private @Nullable ChargedMemory charged(GuestImage image) {
        if (!invoker.caller().isCharged()) {
            return null;
        }
        image.requireFits(memory);
        return ChargedMemory.of(invoker.caller(), memory);
    }

    private GuestSpec guest(
            GuestSource source,
            @Nullable ChargedMemory charged,
            GuestOutput output,
            long requested) {
        GuestSpec guest =
                recording == null
                        ? described(source, charged)
                        : GuestSpec.of(recording, source.image());
        guest = guest.console(output).notices(operator).requestedAt(requested);
        return deadline == null ? guest : guest.deadline(deadline);
    }

    private GuestSpec described(GuestSource source, @Nullable ChargedMemory charged) {
        GuestSpec guest = source.spec();
        if (source.snapshot().isEmpty()) {
            guest =
                    guest.memory(memory)
                            .arguments(arguments.toArray(String[]::new))
                            .privilege(privilege);
            guest = dialect == null ? guest : guest.dialect(dialect);
        }
        guest = charged == null ? guest : guest.memory(charged);
        guest = guest.processors(invoker.processors());
        return netRing ? guest : guest.netRing(false);
    }

    private GuestSpec expanded(OpenDevices opened) {
        return expand
                ? opened.guest().arguments(Placeholders.expand(arguments, opened.interfaces()))
                : opened.guest();
    }

    private Ended run(Monitor monitor, GuestOutput output, OpenDevices opened, DebugTools tools)
            throws InterruptedException {
        CompletableFuture<GuestRun> started = new CompletableFuture<>();
        try (SignalWatch signals = invoker.onSignal(signalled(started))) {
            GuestSpec guest = expanded(opened);
            RunSandbox sealed = seal(monitor, output, opened, tools);
            GuestRun run = monitor.start(guest);
            started.complete(run);
            RunResult result = run.await();
            sentence.of(result.outcome(), signals.received()).ifPresent(operator);
            opened.captureFailures().forEach(operator);
            // Before a signal may end the process: a socket's path is to be removed, a table of
            // calls to be written.
            opened.close();
            tools.end(operator);
            sealed.tell(operator);
            Ended ended = new Ended(result, output.lost(), status(result, output), sealed);
            whenEnded.accept(ended);
            sealed.tell(operator);
            return ended;
        }
    }

    // The guest's thread is started by this one, and has what this one has.
    private RunSandbox seal(
            Monitor monitor, GuestOutput output, OpenDevices opened, DebugTools tools)
            throws InterruptedException {
        if (sandbox == SandboxMode.OFF) {
            return RunSandbox.none();
        }
        if (!invoker.isAlone()) {
            return RunSandbox.ofWorkers(monitor);
        }
        invoker.prepareToSeal();
        output.prepare();
        Set<Use> uses = tools.uses();
        uses.addAll(opened.uses());
        boolean mayGrow = outputs.mayGrow() || uses.contains(Use.WRITING);
        long longest = mayGrow ? Sandbox.ANY_LENGTH : Math.max(opened.longest(), LONGEST_REPORT);
        return RunSandbox.begin(sandbox, early, uses, longest, operator);
    }

    // A signal may come before the guest has started; then it is for the guest as soon as it has.
    private static SignalTarget signalled(CompletableFuture<GuestRun> started) {
        return new SignalTarget() {
            @Override
            public void stop() {
                var unused = started.thenAccept(GuestRun::cancel);
            }

            @Override
            public void pause() {
                var unused = started.thenAccept(GuestRun::pause);
            }

            @Override
            public void resume() {
                var unused = started.thenAccept(GuestRun::resume);
            }

            @Override
            public void core(SparseSender to) {
                GuestRun run = started.isDone() ? started.join() : null;
                if (run == null) {
                    SignalTarget.super.core(to);
                    return;
                }
                try {
                    run.dumpCore(to);
                } catch (JukvmException e) {
                    to.refuse(e.getMessage());
                }
            }
        };
    }

    // A guest that succeeded has not if what it printed or wrote is lost.
    private int status(RunResult result, GuestOutput output) {
        output.loss().ifPresent(operator);
        boolean lost =
                output.isFailed()
                        || result.counters().devices().values().stream()
                                .flatMap(devices -> devices.values().stream())
                                .anyMatch(DeviceCounters::isLost);
        int ended = status.applyAsInt(result.outcome());
        return ended == 0 && lost ? ExitStatus.FAILURE : ended;
    }
}
