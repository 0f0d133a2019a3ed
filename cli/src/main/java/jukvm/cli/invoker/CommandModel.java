package jukvm.cli.invoker;

import java.time.Duration;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What the models of all commands have in common. They are built by hand: reading picocli's
 * annotations takes a cold JVM more time than running a guest.
 */
public final class CommandModel {
    private CommandModel() {}

    /**
     * Begins the model of a command.
     *
     * @param command what is run, a {@code Runnable} or a {@code Callable} of the exit status
     * @param options in the order in which they are explained
     */
    public static CommandSpec of(String name, Object command, OptionSpec... options) {
        CommandSpec model = CommandSpec.wrapWithoutInspection(command).name(name);
        model.versionProvider(new Version());
        model.usageMessage().sortOptions(false);
        for (OptionSpec option : options) {
            model.addOption(option);
        }
        model.addOption(
                OptionSpec.builder("-h", "--help")
                        .usageHelp(true)
                        .description("Show this help message and exit.")
                        .build());
        model.addOption(
                OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .description("Print version information and exit.")
                        .build());
        return model;
    }

    /** Returns what takes options up to the first word that is none, and words as they are. */
    public static CommandLine parser(CommandSpec model) {
        CommandLine line = new CommandLine(model);
        line.setExpandAtFiles(false);
        line.setStopAtPositional(true);
        return line;
    }

    /** Returns the one parameter that is the guest's image, a file or an address. */
    public static PositionalParamSpec guest() {
        return guest(
                "Guest image, .ukvm or .hvt, gzipped or not: a file, - for standard input,"
                        + " or an http or https address, with #sha256=HEX to check what"
                        + " comes.");
    }

    /** Returns the one parameter that is the guest, with what it may be. */
    public static PositionalParamSpec guest(String description) {
        return parameter("GUEST", description);
    }

    /**
     * Returns the first parameter, which there must be.
     *
     * @param label what it is called
     */
    public static PositionalParamSpec parameter(String label, String description) {
        return PositionalParamSpec.builder()
                .index("0")
                .arity("1")
                .required(true)
                .paramLabel(label)
                .type(String.class)
                .description(description)
                .build();
    }

    /** Returns the words behind the guest's image, which are its own. */
    public static PositionalParamSpec arguments() {
        return PositionalParamSpec.builder()
                .index("1..*")
                .arity("0..*")
                .paramLabel("ARGS")
                .type(List.class)
                .auxiliaryTypes(String.class)
                .description("What the guest gets as its command line, joined by spaces.")
                .build();
    }

    /**
     * Begins an option whose value is text.
     *
     * @param label what the value is called
     */
    public static OptionSpec.Builder text(String name, String label) {
        return OptionSpec.builder(name).paramLabel(label).type(String.class);
    }

    /**
     * Returns an option whose value may be left out, and else is attached by an equals sign: the
     * word after it is never its value.
     *
     * @param otherwise the value if it is left out
     */
    public static OptionSpec.Builder optional(String name, String otherwise) {
        return OptionSpec.builder(name)
                .arity("0..1")
                .type(String.class)
                .preprocessor(
                        (words, command, option, info) -> {
                            if (!"=".equals(info.put("separator", "="))) {
                                words.push(otherwise);
                            }
                            return false;
                        });
    }

    /** Returns the option that says what keeps guests of a daemon apart, and so. */
    public static OptionSpec isolation(String description) {
        return OptionSpec.builder("--isolation")
                .paramLabel("thread|process")
                .type(IsolationMode.class)
                .converters(new Conversions.Choice<>(IsolationMode.class))
                .description(description)
                .build();
    }

    /** Returns the option that says how long a guest may take. */
    public static OptionSpec deadline() {
        return duration("--deadline", "Stop the guest after this long, such as 200ms, 1.5s or 2m.");
    }

    /** Returns the option that says how a process is sealed, with what that means. */
    public static OptionSpec sandbox(String description) {
        return OptionSpec.builder("--sandbox")
                .paramLabel("on|off|log|strict")
                .type(SandboxMode.class)
                .converters(new Conversions.Choice<>(SandboxMode.class))
                .description(description)
                .build();
    }

    /** Returns the option that says how long the fetch of an image may take. */
    public static OptionSpec fetchTimeout() {
        return duration(
                "--fetch-timeout",
                "How long the fetch of a GUEST by http may take; 10s if not given.");
    }

    private static OptionSpec duration(String name, String description) {
        return OptionSpec.builder(name)
                .paramLabel("DURATION")
                .type(Duration.class)
                .converters(new Conversions.Deadline())
                .description(description)
                .build();
    }

    /** Returns the option that says how large a fetched image may be. */
    public static OptionSpec fetchLimit() {
        return OptionSpec.builder("--fetch-limit")
                .paramLabel("MIB")
                .type(Integer.class)
                .description(
                        "How large a fetched GUEST, or one by standard input, may be in MiB; 64 if"
                                + " not given.")
                .build();
    }
}
