package jukvm.cli.run;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import jukvm.cli.device.DeviceOptions;
import jukvm.cli.device.Remedies;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.Conversions;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.GuestSource;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.Outputs;
import jukvm.error.ConfigException;
import jukvm.guest.SnapshotPoint;
import jukvm.io.FileId;
import jukvm.monitor.Snapshot;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code jukvm snapshot}: runs a guest to a point, and writes what it is then to a file. */
public final class SnapshotCommand implements Callable<Integer> {
    public static final String NAME = "snapshot";

    private static final String OUTPUT = "--output";

    private final Invoker invoker;
    private final GuestOptions ofGuest = new GuestOptions();
    private final OptionSpec output =
            OptionSpec.builder("-o", OUTPUT)
                    .paramLabel("FILE")
                    .type(String.class)
                    .converters(new Conversions.FileName())
                    .description("The snapshot to write, for jukvm run to go on from.")
                    .build();
    private final OptionSpec replace =
            OptionSpec.builder("--replace")
                    .description("Take the name FILE away from the file that has it, if one does.")
                    .build();
    private final OptionSpec at =
            OptionSpec.builder("--at")
                    .paramLabel("poll|calls:N|line:TEXT")
                    .type(SnapshotPoint.class)
                    .converters(new Conversions.Point())
                    .description(
                            "Where: when the guest waits first, which is where it is if nothing is"
                                    + " said; after N hypercalls; or once it has printed TEXT.")
                    .build();
    private final PositionalParamSpec guest =
            CommandModel.guest("Guest image, .ukvm or .hvt, gzipped or not, or a snapshot.");
    private final PositionalParamSpec arguments = CommandModel.arguments();
    private final CommandSpec spec = CommandModel.of(NAME, this, output, replace, at);

    /** Makes it for an invoker. */
    public SnapshotCommand(Invoker invoker) {
        this.invoker = invoker;
    }

    /** Returns the command as picocli knows it. */
    public CommandSpec model() {
        spec.addPositional(guest).addPositional(arguments);
        ofGuest.all().forEach(spec::addOption);
        DeviceHelp.addTo(spec);
        spec.usageMessage()
                .description(
                        "Run a guest to a point of its life, and write what it is then to a file:"
                                + " jukvm run FILE goes on from there, any number of times.");
        return spec;
    }

    @Override
    public Integer call() {
        long requested = System.nanoTime();
        String path = Conversions.path(guest.getValue());
        if (Conversions.isAwaited(path)) {
            throw new ConfigException(path + ": name a file; a snapshot is made of no other guest");
        }
        ParseResult parsed = spec.commandLine().getParseResult();
        if (!parsed.hasMatchedOption(output)) {
            throw new ConfigException(OUTPUT + ": needs a FILE. Options come before GUEST");
        }
        Outputs outputs =
                new Outputs(invoker, Optional.of(path), DeviceOptions.disks(parsed.unmatched()));
        if (!outputs.checkStreams()) {
            return ExitStatus.FAILURE;
        }
        requireOther(parsed, path);
        try {
            GuestSource source = invoker.guest(path);
            launch(outputs, parsed, source)
                    .snapshot(source, point(parsed), requested, taken -> write(parsed, taken));
            return 0;
        } catch (InterruptedException e) {
            return ExitStatus.FAILURE; // By a signal, of which a line has told.
        }
    }

    // Whoever replaces the guest or its disk by the snapshot has mistyped.
    private void requireOther(ParseResult parsed, String path) {
        Optional<FileId> target = FileId.of(invoker.caller(), output.getValue());
        if (target.isEmpty()) {
            return;
        }
        if (!parsed.hasMatchedOption(replace)) {
            throw new ConfigException(
                    OUTPUT + ": " + output.getValue() + " is there already; --replace replaces it");
        }
        Map<String, String> read = DeviceOptions.disks(parsed.unmatched());
        read.put(path, "the guest");
        read.forEach(
                (file, name) -> {
                    if (target.equals(FileId.of(invoker.caller(), file))) {
                        throw new ConfigException(
                                OUTPUT + ": " + output.getValue() + " is also " + name);
                    }
                });
    }

    private Launch launch(Outputs outputs, ParseResult parsed, GuestSource source) {
        Launch launch =
                new Launch(invoker, outputs, this::say, (outcome, bySignal) -> Optional.empty());
        Optional<String> unknown = launch.devices.addAll(parsed.unmatched());
        if (unknown.isPresent()) {
            throw new UnmatchedArgumentException(spec.commandLine(), List.of(unknown.get()));
        }
        launch.arguments = Objects.requireNonNullElse(arguments.getValue(), List.of());
        if (source.snapshot().isPresent()) {
            ofGuest.requireNone(parsed, launch.arguments);
        }
        launch.memory = ofGuest.memory(parsed, invoker.err());
        ofGuest.tell(parsed, launch);
        return launch;
    }

    private SnapshotPoint point(ParseResult parsed) {
        return parsed.hasMatchedOption(at) ? at.getValue() : SnapshotPoint.firstPoll();
    }

    private void write(ParseResult parsed, Snapshot taken) {
        taken.write(invoker.caller(), output.getValue(), parsed.hasMatchedOption(replace));
    }

    private void say(String line) {
        Remedies.say(invoker.err(), guest.getValue() + ": " + line);
    }
}
