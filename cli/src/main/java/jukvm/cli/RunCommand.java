package jukvm.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import jukvm.error.ConfigException;
import jukvm.error.JukvmException;
import jukvm.image.GuestImage;
import jukvm.io.StandardOutput;
import jukvm.monitor.Monitor;
import jukvm.monitor.Ring;
import jukvm.monitor.RunResult;
import jukvm.monitor.Tender;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code jukvm run}: runs a guest to its end. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Run a guest to its end.",
        sortOptions = false)
final class RunCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--mem",
            paramLabel = "MIB",
            converter = Conversions.Memory.class,
            description = "Guest memory in MiB, rounded down to an even number; 512 if not given.")
    private @Nullable Long memory;

    @Option(
            names = "--ring",
            paramLabel = "auto|0|3",
            converter = Conversions.RingChoice.class,
            description =
                    "Privilege level the guest runs at; auto, the default, takes the fastest that"
                            + " works here.")
    private @Nullable Ring ring;

    @Option(
            names = "--deadline",
            paramLabel = "DURATION",
            converter = Conversions.Deadline.class,
            description = "Stop the guest after this long, such as 200ms, 1.5s or 2m.")
    private @Nullable Duration deadline;

    @Option(names = "--time", description = "Say on stderr how long each phase took.")
    private boolean time;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Write outcome, timeline, counters and host facts to FILE as JSON.")
    private @Nullable Path report;

    @Parameters(index = "0", paramLabel = "GUEST", description = "Guest image, .ukvm or .hvt.")
    private Path guest;

    @Parameters(
            index = "1..*",
            paramLabel = "ARGS",
            description = "What the guest gets as its command line, joined by spaces.")
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        long requested = System.nanoTime();
        PrintWriter err = spec.commandLine().getErr();
        try (Report file = Report.open(report)) {
            Report.Facts facts = new Report.Facts(guest.toString(), arguments, memoryBytes(err));
            try {
                return run(requested, facts, file, err);
            } catch (JukvmException e) {
                file.write(facts, e);
                throw e;
            }
        }
    }

    private long memoryBytes(PrintWriter err) {
        if (memory == null) {
            return Tender.DEFAULT_MEMORY;
        }
        long rounded = Conversions.Memory.rounded(memory);
        if (rounded != memory) {
            Main.say(err, "adjusting memory to " + rounded + " bytes");
        }
        return rounded;
    }

    private int run(long requested, Report.Facts facts, Report file, PrintWriter err)
            throws InterruptedException {
        checkArguments();
        GuestImage image = GuestImage.read(guest);
        for (String warning : image.warnings()) {
            Main.say(err, guest + ": warning: " + warning);
        }
        try (Monitor monitor = Monitor.open();
                StandardOutput stdout = new StandardOutput()) {
            Tender.Builder builder =
                    Tender.builder(monitor, image)
                            .memory(facts.memory())
                            .arguments(arguments.toArray(String[]::new))
                            .console(new StdoutConsole(stdout))
                            .ring(ring == null ? Ring.AUTO : ring)
                            .requestedAt(requested);
            if (deadline != null) {
                builder.deadline(deadline);
            }
            Tender tender = builder.build();
            try (Signals signals = Signals.cancel(tender)) {
                RunResult result = tender.run();
                int status = end(result, stdout, signals, err);
                file.write(facts, image, result, status);
                if (time) {
                    err.print(PhaseTable.of(result.timeline()));
                    err.flush();
                }
                return status;
            }
        }
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

    private int end(RunResult result, StandardOutput stdout, Signals signals, PrintWriter err) {
        int status = ExitStatus.of(result.outcome());
        String cause = signals.received() ? " by a signal" : "";
        Sentences.of(result.outcome())
                .ifPresent(line -> Main.say(err, guest + ": " + line + cause));
        Optional<String> loss = stdout.loss();
        if (loss.isPresent()) {
            Main.say(err, loss.get());
            if (status == 0 && !stdout.readerGone()) {
                return Main.FAILURE;
            }
        }
        return status;
    }
}
