package jukvm.cli;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToIntFunction;
import jukvm.abi.Dialect;
import jukvm.client.Signalled;
import jukvm.device.AttachedBlock;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import jukvm.io.StandardOutput;
import jukvm.monitor.Outcome;
import jukvm.monitor.Ring;
import jukvm.monitor.RunResult;
import jukvm.monitor.Tender;
import org.jspecify.annotations.Nullable;

/**
 * One run of a guest on behalf of a command: opens what its options name, runs it with the
 * invoker's standard output as its console, and says what the operator must know.
 */
final class Launch {
    /** Guest memory in bytes. */
    long memory = Tender.DEFAULT_MEMORY;

    List<String> arguments = List.of();
    Ring ring = Ring.AUTO;
    @Nullable Duration deadline;
    @Nullable Dialect dialect;
    boolean netRing = true;
    DeviceOptions devices = new DeviceOptions();
    ToIntFunction<Outcome> status = ExitStatus::of;

    /** What is done about the end before a signal may end the process. */
    Consumer<Ended> whenEnded = ended -> {};

    private final Invoker invoker;
    private final Consumer<String> operator;
    private final EndSentence sentence;

    /** Says how a guest ended, if that is not the guest's own affair. */
    @FunctionalInterface
    interface EndSentence {
        Optional<String> of(Outcome outcome, boolean bySignal);
    }

    /** A run that is over, and the status the invoker ends with. */
    record Ended(RunResult result, int status) {}

    Launch(Invoker invoker, Consumer<String> operator, EndSentence sentence) {
        this.invoker = invoker;
        this.operator = operator;
        this.sentence = sentence;
    }

    /**
     * Runs the guest.
     *
     * @param requested when that was asked for, by {@link System#nanoTime}
     * @throws jukvm.error.JukvmException if it cannot be started
     */
    Ended run(GuestImage image, long requested) throws InterruptedException {
        checkArguments();
        devices.resolve(image);
        image.requireDevices(devices.types()); // Before a file is locked or emptied for nothing.
        try (MonitorLease lease = invoker.monitor();
                StandardOutput stdout = invoker.stdout()) {
            Tender.Builder builder =
                    Tender.builder(lease.monitor(), image)
                            .memory(memory)
                            .arguments(arguments.toArray(String[]::new))
                            .console(new StdoutConsole(stdout))
                            .ring(ring)
                            .notices(operator)
                            .requestedAt(requested);
            if (!netRing) {
                builder.netRing(false);
            }
            if (deadline != null) {
                builder.deadline(deadline);
            }
            if (dialect != null) {
                builder.dialect(dialect);
            }
            try (OpenDevices opened = OpenDevices.open(invoker.caller(), devices, builder)) {
                return run(builder.build(), stdout, opened);
            }
        }
    }

    private Ended run(Tender tender, StandardOutput stdout, OpenDevices opened)
            throws InterruptedException {
        try (SignalWatch signals = invoker.onSignal(signalled(tender))) {
            RunResult result = tender.run();
            sentence.of(result.outcome(), signals.received()).ifPresent(operator);
            opened.captureFailures().forEach(operator);
            Ended ended = new Ended(result, status(result, stdout));
            whenEnded.accept(ended);
            return ended;
        }
    }

    private static Signalled signalled(Tender tender) {
        return new Signalled() {
            @Override
            public void stop() {
                tender.cancel();
            }

            @Override
            public void pause() {
                tender.pause();
            }

            @Override
            public void resume() {
                tender.resume();
            }
        };
    }

    // The JVM turns bytes that are not text into this character; passing it on would be a lie.
    private void checkArguments() {
        for (int i = 0; i < arguments.size(); i++) {
            if (arguments.get(i).indexOf('\ufffd') >= 0) {
                throw new ConfigException(
                        "argument " + (i + 1) + " of the guest is not valid UTF-8");
            }
        }
    }

    // A guest that succeeded has not if what it printed or wrote is lost.
    private int status(RunResult result, StandardOutput stdout) {
        Optional<String> loss = stdout.loss();
        loss.ifPresent(operator);
        boolean lost =
                loss.isPresent() && !stdout.readerGone()
                        || result.counters().blocks().values().stream()
                                .anyMatch(AttachedBlock.Counters::flushFailed);
        int ended = status.applyAsInt(result.outcome());
        return ended == 0 && lost ? Main.FAILURE : ended;
    }
}
