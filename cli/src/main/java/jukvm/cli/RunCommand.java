package jukvm.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import jukvm.abi.Dialect;
import jukvm.error.ConfigException;
import jukvm.error.JukvmException;
import jukvm.image.GuestImage;
import jukvm.monitor.Ring;
import jukvm.monitor.Tender;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Unmatched;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code jukvm run}: runs a guest to its end. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Run a guest to its end.",
        footer = {
            "",
            "Devices, by the NAME that the guest declares:",
            "      --block:NAME=PATH[:ro]",
            "                            Attach a file or block device, locked while in",
            "                              use; for reading only with :ro.",
            "      --block-sector-size:NAME=BYTES",
            "                            Block size, a power of two from 512 to 32768; 512",
            "                              if not given.",
            "      --block-sync:NAME=none|exit|dsync",
            "                            When writes reach the disk: as the kernel likes,",
            "                              at the guest's end, or before each is",
            "                              acknowledged.",
            "      --net:NAME=TAP|@FD    Attach a TAP interface that is up, or the",
            "                              inherited descriptor FD of one.",
            "      --net-mac:NAME=MAC    Hardware address of the guest; random if not",
            "                              given.",
            "      --net-pcap:NAME=FILE  Write all frames to FILE, for Wireshark.",
            "      --disk=PATH[:ro], --net=TAP|@FD, --net-mac=MAC",
            "                            The guest's only disk and interface, whatever",
            "                              their names."
        },
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
            converter = Conversions.FileName.class,
            description = "Write outcome, timeline, counters and host facts to FILE as JSON.")
    private @Nullable Path report;

    @Option(
            names = "--dialect",
            paramLabel = "NAME",
            converter = Conversions.DialectName.class,
            description =
                    "Generation of a guest built before Solo5 0.6, ukvm-0.2 or ukvm-0.3; its first"
                            + " call tells if this does not.")
    private @Nullable Dialect dialect;

    @Option(
            names = "--no-net-ring",
            description = "Do not offer the network ring of Solo5 0.11 to the guest.")
    private boolean noNetRing;

    // The options that attach devices have the device's name in theirs.
    @Unmatched private List<String> more = new ArrayList<>();

    @Parameters(
            index = "0",
            paramLabel = "GUEST",
            converter = Conversions.FileName.class,
            description = "Guest image, .ukvm or .hvt.")
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
                return run(requested, facts.memory(), ended -> report(facts, file, ended)).status();
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

    private void report(Report.Facts facts, Report file, Launch.Ended ended) {
        file.write(facts, ended);
        if (time) {
            PrintWriter err = spec.commandLine().getErr();
            err.print(PhaseTable.of(ended.result().timeline()));
            err.flush();
        }
    }

    private Launch.Ended run(long requested, long bytes, Consumer<Launch.Ended> whenEnded)
            throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        Launch launch =
                new Launch(
                        line -> Main.say(err, guest + ": " + line),
                        (outcome, bySignal) ->
                                Sentences.of(outcome)
                                        .map(line -> line + (bySignal ? " by a signal" : "")));
        Optional<String> unknown = launch.devices.addAll(more);
        if (unknown.isPresent()) {
            throw new UnmatchedArgumentException(spec.commandLine(), List.of(unknown.get()));
        }
        launch.whenEnded = whenEnded;
        launch.memory = bytes;
        launch.arguments = arguments;
        launch.ring = ring == null ? Ring.AUTO : ring;
        launch.deadline = deadline;
        launch.dialect = dialect;
        launch.netRing = !noNetRing;
        GuestImage image = GuestImage.read(guest);
        for (String warning : image.warnings()) {
            Main.say(err, guest + ": warning: " + warning);
        }
        try {
            return launch.run(image, requested);
        } catch (ConfigException e) {
            throw arguments.stream()
                    .filter(DeviceOptions::isOne)
                    .findFirst()
                    .map(late -> new ConfigException(e.getMessage() + comesLate(late)))
                    .orElse(e);
        }
    }

    private static String comesLate(String option) {
        return ". Options come before GUEST: " + option + " is an argument of the guest";
    }
}
