package jukvm.cli.run;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import jukvm.cli.device.DeviceOptions;
import jukvm.cli.device.Remedies;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.Conversions;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.GuestOutput;
import jukvm.cli.invoker.GuestSource;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.IsolationMode;
import jukvm.cli.invoker.Outputs;
import jukvm.cli.invoker.SandboxMode;
import jukvm.device.PublishedPort;
import jukvm.error.ConfigException;
import jukvm.error.JukvmException;
import jukvm.fetch.FetchLimits;
import jukvm.guest.Outcome;
import jukvm.guest.Timeline;
import jukvm.image.GuestImage;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code jukvm run}: runs a guest to its end. */
public final class RunCommand implements Callable<Integer> {
    public static final String NAME = "run";

    private Invoker invoker;
    private final GuestOptions ofGuest = new GuestOptions();
    private final OptionSpec time =
            OptionSpec.builder("--time")
                    .description("Say on stderr how long each phase took.")
                    .build();
    private final OptionSpec report =
            OptionSpec.builder("--report")
                    .paramLabel("FILE")
                    .type(String.class)
                    .converters(new Conversions.FileName())
                    .description(
                            "Write outcome, timeline, counters and host facts to FILE as JSON.")
                    .build();
    private final OptionSpec console =
            OptionSpec.builder("--console")
                    .paramLabel("wait|drop")
                    .type(GuestOutput.WhenUnread.class)
                    .converters(new Conversions.Choice<>(GuestOutput.WhenUnread.class))
                    .description(
                            "What the guest does when nobody reads its output: wait, the"
                                    + " default, or go on while all but the last 64 KiB is"
                                    + " dropped.")
                    .build();
    private final OptionSpec sandbox =
            CommandModel.sandbox(
                    "Whether this process gives up, before the guest is entered, what it needs no"
                            + " more: on, the default; log, to refuse nothing and tell what would"
                            + " be; strict, to run only where all of it can be done.");
    private final OptionSpec publish =
            OptionSpec.builder("--publish")
                    .paramLabel("[ADDRESS:]PORT:GUESTPORT[/udp]")
                    .type(List.class)
                    .auxiliaryTypes(PublishedPort.class)
                    .converters(new Conversions.Published())
                    .description(
                            "Have a port of the host, for the host itself if no ADDRESS is given,"
                                    + " lead to the guest's; 0 is one that is free. Needs"
                                    + " --net:NAME=user.")
                    .build();
    private final OptionSpec noNetRing =
            OptionSpec.builder("--no-net-ring")
                    .description("Do not offer the network ring of Solo5 0.11 to the guest.")
                    .build();
    private final OptionSpec expand =
            OptionSpec.builder("--expand")
                    .description(
                            "Replace {ipv4}, {ipv4-gateway}, {dns}, {mac} and {mtu} in ARGS by what"
                                    + " the guest's interface has, {mac:NAME} of several;"
                                    + " {hostname} by this host's name.")
                    .build();
    private final DebugOptions debug = new DebugOptions();
    private final PositionalParamSpec guest = CommandModel.guest();
    private final PositionalParamSpec arguments = CommandModel.arguments();

    private final OptionSpec fetchTimeout = CommandModel.fetchTimeout();
    private final OptionSpec fetchLimit = CommandModel.fetchLimit();

    private final OptionSpec isolation =
            CommandModel.isolation(
                    "Whether a daemon may run the guest as a thread of its own, or is to have it in"
                            + " a sealed process for it alone; as the daemon was started if not"
                            + " given.");
    private final OptionSpec noDaemon =
            OptionSpec.builder("--no-daemon")
                    .description("Run in a JVM of its own even if a daemon runs.")
                    .build();

    private final CommandSpec spec =
            CommandModel.of(
                    NAME,
                    this,
                    time,
                    report,
                    console,
                    sandbox,
                    publish,
                    noNetRing,
                    expand,
                    fetchTimeout,
                    fetchLimit,
                    isolation,
                    noDaemon);

    /**
     * @param invoker on whose behalf the next run is
     */
    public RunCommand(Invoker invoker) {
        this.invoker = invoker;
    }

    /** Makes the next run be on behalf of another. */
    void serve(Invoker next) {
        invoker = next;
    }

    /** Returns the command as picocli knows it. */
    public CommandSpec model() {
        spec.addPositional(guest).addPositional(arguments);
        ofGuest.all().forEach(spec::addOption);
        debug.all().forEach(spec::addOption);
        spec.usageMessage().description("Run a guest to its end.");
        DeviceHelp.addTo(spec);
        return spec;
    }

    @Override
    public Integer call() throws InterruptedException {
        return run(System.nanoTime());
    }

    /**
     * Runs the guest and returns the status to exit with.
     *
     * @param requested when that was asked for, by {@link System#nanoTime}
     */
    int run(long requested) throws InterruptedException {
        Outputs outputs =
                new Outputs(
                        invoker,
                        Conversions.isAwaited(image()) ? Optional.empty() : Optional.of(image()),
                        DeviceOptions.disks(parsed().unmatched()));
        if (!outputs.checkStreams()) {
            return ExitStatus.FAILURE;
        }
        try (Report file = Report.open(invoker, outputs, value(report, String.class))) {
            String recorded = isAddress() ? GuestFetch.recorded(image()) : image();
            Report.Facts facts =
                    new Report.Facts(
                            recorded, arguments(), ofGuest.memory(parsed(), invoker.err()));
            try {
                Launch launch = launch(outputs, facts.memory());
                Optional<GuestSource> guest =
                        Conversions.isAwaited(image())
                                ? fetch(requested, facts, file).map(GuestSource::of)
                                : Optional.of(invoker.guest(Conversions.path(image())));
                Report.Facts told = guest.map(facts::of).orElse(facts);
                launch.whenEnded = ended -> report(told, file, ended);
                return guest.isPresent() ? run(launch, guest.get(), requested) : ExitStatus.FAILURE;
            } catch (JukvmException e) {
                file.write(facts, e);
                throw e;
            }
        }
    }

    /** Returns whether a daemon is to leave this to a JVM of its own. */
    boolean wantsOwnJvm() {
        SandboxMode asked = value(sandbox, SandboxMode.class);
        return parsed().hasMatchedOption(noDaemon)
                || debug.needOwnJvm(parsed())
                || asked != null && asked != SandboxMode.OFF;
    }

    /** Returns how it is to be kept apart from others of a daemon, null if that was not said. */
    @Nullable IsolationMode isolation() {
        return value(isolation, IsolationMode.class);
    }

    /** Returns whether something is asked for that no worker does. */
    boolean needsThread() {
        return debug.needThread(parsed());
    }

    private ParseResult parsed() {
        return spec.commandLine().getParseResult();
    }

    // Of an option that was not given, the value may be that of the command line before.
    private <T> @Nullable T value(OptionSpec option, Class<T> type) {
        return parsed().hasMatchedOption(option) ? type.cast(option.getValue()) : null;
    }

    /** Returns what the guest is named by. */
    String image() {
        return guest.getValue();
    }

    /** Returns how many bytes may be fetched. */
    long fetchBytes() {
        Integer mebibytes = value(fetchLimit, Integer.class);
        return mebibytes == null ? FetchLimits.DEFAULT.bytes() : (long) mebibytes << 20;
    }

    /** Returns whether the guest is named by an address. */
    boolean isAddress() {
        return Conversions.isAddress(image());
    }

    private List<String> arguments() {
        return parsed().hasMatchedPositional(arguments) ? arguments.getValue() : List.of();
    }

    private List<PublishedPort> published() {
        return parsed().hasMatchedOption(publish) ? publish.getValue() : List.of();
    }

    // What has no names says no more than the sentence does.
    private void tellBacktrace(Outcome outcome) {
        if (outcome instanceof Outcome.Faulted fault
                && fault.backtrace().toString().contains(" ")) {
            fault.backtrace().forEach(place -> say("  at " + place));
        }
    }

    private void report(Report.Facts facts, Report file, Launch.Ended ended) {
        tellBacktrace(ended.result().outcome());
        file.write(facts, ended);
        if (parsed().hasMatchedOption(time)) {
            PrintWriter err = invoker.err();
            Timeline timeline = ended.result().timeline();
            err.print(PhaseTable.of(timeline, invoker.before(), invoker.begun()));
            err.flush();
        }
    }

    private Launch launch(Outputs outputs, long bytes) {
        Launch launch = new Launch(invoker, outputs, this::say, RunCommand::sentence);
        Optional<String> unknown = launch.devices.addAll(parsed().unmatched());
        if (unknown.isPresent()) {
            throw new UnmatchedArgumentException(spec.commandLine(), List.of(unknown.get()));
        }
        launch.memory = bytes;
        launch.arguments = arguments();
        launch.expand = parsed().hasMatchedOption(expand);
        ofGuest.tell(parsed(), launch);
        launch.whenUnread =
                Objects.requireNonNullElse(
                        value(console, GuestOutput.WhenUnread.class), GuestOutput.WhenUnread.WAIT);
        launch.sandbox =
                Objects.requireNonNullElse(value(sandbox, SandboxMode.class), SandboxMode.ON);
        launch.published = published();
        launch.debug = debug.wanted(parsed());
        launch.netRing = !parsed().hasMatchedOption(noNetRing);
        return launch;
    }

    private void say(String line) {
        String name = Conversions.isAwaited(image()) ? GuestFetch.shown(image()) : image();
        Remedies.say(invoker.err(), name + ": " + line);
    }

    private Optional<GuestImage> fetch(long requested, Report.Facts facts, Report file)
            throws InterruptedException {
        GuestFetch fetch =
                new GuestFetch(
                        image(),
                        value(fetchTimeout, Duration.class),
                        value(fetchLimit, Integer.class));
        Duration end = ofGuest.deadline(parsed());
        if (end != null) {
            fetch.endBy(end, requested);
        }
        Optional<GuestImage> image =
                fetch.read(
                        invoker,
                        (outcome, bySignal) -> {
                            sentence(outcome, bySignal).ifPresent(this::say);
                            file.write(facts, outcome);
                        });
        image.ifPresent(invoker::fetched);
        return image;
    }

    static Optional<String> sentence(Outcome outcome, boolean bySignal) {
        if (outcome.exitStatus().isPresent()) {
            return Optional.empty(); // Its own end is the guest's affair.
        }
        return Optional.of(outcome.message() + (bySignal ? " by a signal" : ""));
    }

    private int run(Launch launch, GuestSource guest, long requested) throws InterruptedException {
        guest.image().warnings().forEach(warning -> say("warning: " + warning));
        if (guest.snapshot().isPresent()) {
            ofGuest.requireNone(parsed(), arguments());
        }
        try {
            return launch.run(guest, requested);
        } catch (ConfigException e) {
            throw arguments().stream()
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
