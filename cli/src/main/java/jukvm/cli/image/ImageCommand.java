package jukvm.cli.image;

import java.io.BufferedOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.Conversions;
import jukvm.cli.invoker.GuestSource;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.Outputs;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import jukvm.io.HostFile;
import jukvm.io.Requester;
import jukvm.monitor.Snapshot;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;

/**
 * {@code jukvm image}: makes container images of guests and artifacts of snapshots, and says what
 * is in one.
 */
public final class ImageCommand implements Runnable {
    public static final String NAME = "image";

    private static final String OUTPUT = "--output";
    private static final String MIRAGE = "mirage";

    private final Invoker invoker;
    private final OptionSpec output =
            OptionSpec.builder("-o", OUTPUT)
                    .paramLabel("FILE")
                    .type(String.class)
                    .required(true)
                    .converters(new Conversions.FileName())
                    .description("The archive to write, for docker load and other engines.")
                    .build();
    private final OptionSpec tag =
            CommandModel.text("--tag", "NAME")
                    .description(
                            "What the image is called; as GUEST without its suffix, if not given.")
                    .build();
    private final OptionSpec type =
            CommandModel.text("--type", "TYPE")
                    .description("What urunc calls this kind of unikernel; mirage if not given.")
                    .build();
    private final PositionalParamSpec guest =
            file("GUEST", "Guest image, .ukvm or .hvt, gzipped or not, or a snapshot.");
    private final PositionalParamSpec arguments =
            PositionalParamSpec.builder()
                    .index("1..*")
                    .arity("0..*")
                    .paramLabel("ARGUMENT")
                    .type(List.class)
                    .auxiliaryTypes(String.class)
                    .description("Its arguments where those who start it give none.")
                    .build();
    private final PositionalParamSpec archive =
            file("FILE", "An archive, of jukvm image build, docker save or the like.");
    private final CommandSpec spec = CommandModel.of(NAME, this);

    /** Makes it for an invoker. */
    public ImageCommand(Invoker invoker) {
        this.invoker = invoker;
    }

    private static PositionalParamSpec file(String label, String description) {
        return PositionalParamSpec.builder()
                .index("0")
                .arity("1")
                .required(true)
                .paramLabel(label)
                .type(String.class)
                .description(description)
                .build();
    }

    /** Returns the command as picocli knows it. */
    public CommandSpec model() {
        Callable<Integer> build = this::build;
        CommandSpec building = CommandModel.of("build", build, output, tag, type);
        building.addPositional(guest).addPositional(arguments);
        building.usageMessage()
                .description("Make the container image of a guest, or the artifact of a snapshot.");
        Callable<Integer> inspect = this::inspect;
        CommandSpec inspecting = CommandModel.of("inspect", inspect);
        inspecting.addPositional(archive);
        inspecting.usageMessage().description("Say what is in a container image.");
        spec.addSubcommand("build", building).addSubcommand("inspect", inspecting);
        spec.usageMessage()
                .synopsisSubcommandLabel("COMMAND")
                .description(
                        "Make container images of guests, without a container engine; jukvm-runtime"
                                + " runs them for one. Make artifacts of snapshots.");
        return spec;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing COMMAND");
    }

    private int build() throws IOException {
        String path = Conversions.path(guest.getValue());
        if (Conversions.isAwaited(path)) {
            throw new ConfigException(path + ": name a file; an image is made of no other guest");
        }
        String file = Objects.requireNonNull(Path.of(path).getFileName()).toString();
        String name =
                value(tag).orElseGet(() -> file.replaceAll("\\..*", "").toLowerCase(Locale.ROOT));
        Made made = isSnapshot(path) ? artifact(path, file, name) : image(path, file, name);
        try (OutputStream out = open(path, output.getValue())) {
            say(ImageLayout.fullTag(name) + " " + made.writeTo(out));
        } catch (FileNotFoundException e) {
            throw new ConfigException(OUTPUT + ": " + e.getMessage());
        }
        return 0;
    }

    /** What is written to an archive, and returns what it is called by. */
    @FunctionalInterface
    private interface Made {
        String writeTo(OutputStream out) throws IOException;
    }

    private static boolean isSnapshot(String path) {
        try (HostFile opened = GuestSource.open(Requester.self(), path)) {
            return Snapshot.isIn(opened);
        }
    }

    private Made artifact(String path, String file, String name) throws IOException {
        if (value(type).isPresent() || arguments.getValue() != null) {
            throw new ConfigException(
                    path + ": is a snapshot, which has its guest's arguments, and no --type");
        }
        return SnapshotArtifact.of(name, file, Path.of(path))::writeTo;
    }

    private Made image(String path, String file, String name) {
        GuestImage read = GuestImage.read(Requester.self(), path);
        read.requireDialect(read.dialect());
        List<String> words = Objects.requireNonNullElse(arguments.getValue(), List.of());
        return new GuestContainerImage(name, file, read, words, value(type).orElse(MIRAGE))
                ::writeTo;
    }

    private OutputStream open(String path, String target) throws IOException {
        Outputs outputs = new Outputs(invoker, Optional.of(path), Map.of());
        return new BufferedOutputStream(outputs.open(OUTPUT, target), 1 << 16);
    }

    private int inspect() {
        say(ImageArchive.describe(Path.of(Conversions.path(archive.getValue()))));
        return 0;
    }

    private static Optional<String> value(OptionSpec option) {
        return Optional.ofNullable(option.getValue());
    }

    private void say(String text) {
        PrintWriter out = spec.commandLine().getOut();
        out.println(text);
        out.flush();
    }
}
