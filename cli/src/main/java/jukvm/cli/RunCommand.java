package jukvm.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import jukvm.abi.Dialect;
import jukvm.error.ConfigException;
import jukvm.error.JukvmException;
import jukvm.image.GuestImage;
import jukvm.monitor.Outcome;
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

    @Option(
            names = "--fetch-timeout",
            paramLabel = "DURATION",
            converter = Conversions.Deadline.class,
            description = "How long the fetch of a GUEST by http may take; 10s if not given.")
    private @Nullable Duration fetchTimeout;

    @Option(
            names = "--fetch-limit",
            paramLabel = "MIB",
            description = "How large a fetched GUEST may be in MiB; 64 if not given.")
    private @Nullable Integer fetchLimit;

    // The options that attach devices have the device's name in theirs.
    @Unmatched private List<String> more = new ArrayList<>();

    @Parameters(
            index = "0",
            paramLabel = "GUEST",
            description =
                    "Guest image, .ukvm or .hvt: a file, or an http or https address, with"
                            + " #sha256=HEX to check what comes.")
    private String guest;

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
            String recorded = Conversions.isAddress(guest) ? GuestFetch.recorded(guest) : guest;
            Report.Facts facts = new Report.Facts(recorded, arguments, memoryBytes(err));
            try {
                Launch launch = launch(facts.memory());
                launch.whenEnded = ended -> report(facts, file, ended);
                Optional<GuestImage> image =
                        Conversions.isAddress(guest)
                                ? fetch(requested, facts, file)
                                : Optional.of(GuestImage.read(Conversions.path(guest)));
                return image.isPresent() ? run(launch, image.get(), requested) : Main.FAILURE;
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

    private Launch launch(long bytes) {
        Launch launch = new Launch(this::say, RunCommand::sentence);
        Optional<String> unknown = launch.devices.addAll(more);
        if (unknown.isPresent()) {
            throw new UnmatchedArgumentException(spec.commandLine(), List.of(unknown.get()));
        }
        launch.memory = bytes;
        launch.arguments = arguments;
        launch.ring = ring == null ? Ring.AUTO : ring;
        launch.deadline = deadline;
        launch.dialect = dialect;
        launch.netRing = !noNetRing;
        return launch;
    }

    private void say(String line) {
        String name = Conversions.isAddress(guest) ? GuestFetch.shown(guest) : guest;
        Main.say(spec.commandLine().getErr(), name + ": " + line);
    }

    private Optional<GuestImage> fetch(long requested, Report.Facts facts, Report file)
            throws InterruptedException {
        GuestFetch fetch = new GuestFetch(guest, fetchTimeout, fetchLimit);
        if (deadline != null) {
            fetch.endBy(deadline, requested);
        }
        return fetch.read(
                (outcome, bySignal) -> {
                    sentence(outcome, bySignal).ifPresent(this::say);
                    file.write(facts, outcome);
                });
    }

    private static Optional<String> sentence(Outcome outcome, boolean bySignal) {
        return Sentences.of(outcome).map(line -> line + (bySignal ? " by a signal" : ""));
    }

    private int run(Launch launch, GuestImage image, long requested) throws InterruptedException {
        image.warnings().forEach(warning -> say("warning: " + warning));
        try {
            return launch.run(image, requested).status();
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
