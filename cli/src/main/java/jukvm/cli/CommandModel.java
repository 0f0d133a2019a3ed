package jukvm.cli;

import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * What the models of all commands have in common. They are built by hand: reading picocli's
 * annotations takes a cold JVM more time than running a guest.
 */
final class CommandModel {
    private CommandModel() {}

    /**
     * Begins the model of a command.
     *
     * @param command what is run, a {@code Runnable} or a {@code Callable} of the exit status
     * @param options in the order in which they are explained
     */
    static CommandSpec of(String name, Object command, OptionSpec... options) {
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

    /** Returns the one parameter that is the guest's image. */
    static PositionalParamSpec guest() {
        return PositionalParamSpec.builder()
                .index("0")
                .arity("1")
                .required(true)
                .paramLabel("GUEST")
                .type(Path.class)
                .converters(new Conversions.FileName())
                .description("Guest image, .ukvm or .hvt.")
                .build();
    }
}
