package jukvm.cli.run;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import jukvm.cli.device.Remedies;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.Conversions;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.Outputs;
import jukvm.cli.invoker.SandboxMode;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import jukvm.image.GuestImage;
import jukvm.monitor.Recording;
import jukvm.text.Printable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code jukvm replay}: does a recorded run again. */
public final class ReplayCommand implements Callable<Integer> {
    public static final String NAME = "replay";

    private static final int MAX_MESSAGE = 400;

    private final Invoker invoker;
    private final OptionSpec gdb =
            CommandModel.optional("--gdb", DebugOptions.PORT)
                    .paramLabel("[ADDRESS:]PORT|unix:PATH")
                    .description(
                            "Have the guest wait at its entry for gdb, in which it goes backwards,"
                                    + " too; port 1234 of this host alone if nothing is said.")
                    .build();
    private final OptionSpec deadline = CommandModel.deadline();
    private final OptionSpec sandbox = CommandModel.sandbox("As of run; on if not given.");
    private final PositionalParamSpec file =
            CommandModel.parameter("FILE", "Recording of run --record.");
    private final PositionalParamSpec guest =
            PositionalParamSpec.builder()
                    .index("1")
                    .arity("0..1")
                    .paramLabel("GUEST")
                    .type(String.class)
                    .description(
                            "File of the image that was recorded; where it was then if not given.")
                    .build();
    private final CommandSpec spec = CommandModel.of(NAME, this, gdb, deadline, sandbox);

    /**
     * @param invoker on whose behalf it is
     */
    public ReplayCommand(Invoker invoker) {
        this.invoker = invoker;
    }

    /** Returns the command as picocli knows it. */
    public CommandSpec model() {
        spec.addPositional(file).addPositional(guest);
        spec.usageMessage().description("Do a recorded run again, without its devices.");
        return spec;
    }

    @Override
    public Integer call() throws InterruptedException {
        long requested = System.nanoTime();
        String path = Conversions.path(file.getValue());
        try (Recording recording = Recording.open(invoker.caller(), path)) {
            String image = image(recording);
            Outputs outputs =
                    new Outputs(invoker, Optional.of(image), Map.of(path, "the recording"));
            if (!outputs.checkStreams()) {
                return ExitStatus.FAILURE;
            }
            return launch(recording, outputs).run(read(image), requested);
        }
    }

    private boolean isGuestGiven() {
        return spec.commandLine().getParseResult().hasMatchedPositional(guest);
    }

    private String image(Recording recording) {
        return isGuestGiven() ? Conversions.path(guest.getValue()) : recording.imageName();
    }

    // Where it was recorded it may have come from elsewhere, or another may have recorded it.
    private GuestImage read(String path) {
        try {
            return invoker.image(path);
        } catch (ImageException e) {
            throw isGuestGiven()
                    ? e
                    : new ConfigException(
                            Printable.of(String.valueOf(e.getMessage()), MAX_MESSAGE)
                                    + ". Name the file of the image after the recording");
        }
    }

    private Launch launch(Recording recording, Outputs outputs) {
        Launch launch = new Launch(invoker, outputs, this::say, RunCommand::sentence);
        launch.recording = recording;
        launch.deadline = value(deadline, Duration.class);
        SandboxMode mode = value(sandbox, SandboxMode.class);
        launch.sandbox = mode == null ? SandboxMode.ON : mode;
        launch.debug.gdb = value(gdb, String.class);
        return launch;
    }

    private <T> @Nullable T value(OptionSpec option, Class<T> type) {
        boolean isGiven = spec.commandLine().getParseResult().hasMatchedOption(option);
        return isGiven ? type.cast(option.getValue()) : null;
    }

    private void say(String line) {
        Remedies.say(invoker.err(), file.getValue() + ": " + line);
    }
}
