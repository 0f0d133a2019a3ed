package jukvm.cli.run;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import jukvm.abi.Dialect;
import jukvm.cli.device.Remedies;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.Conversions;
import jukvm.error.ConfigException;
import jukvm.guest.PrivilegeMode;
import jukvm.monitor.GuestSpec;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options that say what a guest is to be like. */
final class GuestOptions {
    private final OptionSpec memory =
            OptionSpec.builder("--mem")
                    .paramLabel("MIB")
                    .type(Long.class)
                    .converters(new Conversions.Memory())
                    .description(
                            "Guest memory in MiB, rounded down to an even number; 512 if not"
                                    + " given.")
                    .build();
    private final OptionSpec privilege =
            OptionSpec.builder("--ring")
                    .paramLabel("auto|0|3")
                    .type(PrivilegeMode.class)
                    .converters(new Conversions.RingChoice())
                    .description(
                            "Privilege level the guest runs at; auto, the default, is 3, where"
                                    + " it has less in its reach.")
                    .build();
    private final OptionSpec deadline = CommandModel.deadline();
    private final OptionSpec dialect =
            OptionSpec.builder("--dialect")
                    .paramLabel("NAME")
                    .type(Dialect.class)
                    .converters(new Conversions.DialectName())
                    .description(
                            "Generation of a guest built before Solo5 0.6, ukvm-0.2 or ukvm-0.3;"
                                    + " its first call tells if this does not.")
                    .build();

    /** Returns all of them, in the order in which they are explained. */
    List<OptionSpec> all() {
        return List.of(memory, privilege, deadline, dialect);
    }

    // Of an option that was not given, the value may be that of the command line before.
    private static <T> @Nullable T value(ParseResult parsed, OptionSpec option, Class<T> type) {
        return parsed.hasMatchedOption(option) ? type.cast(option.getValue()) : null;
    }

    /** Returns the guest's memory in bytes, and says so if it is another than was asked for. */
    long memory(ParseResult parsed, PrintWriter err) {
        Long given = value(parsed, memory, Long.class);
        if (given == null) {
            return GuestSpec.DEFAULT_MEMORY;
        }
        long rounded = Conversions.Memory.rounded(given);
        if (rounded != given) {
            Remedies.say(err, "adjusting memory to " + rounded + " bytes");
        }
        return rounded;
    }

    /** Returns how long the guest may take, null if that was not said. */
    @Nullable Duration deadline(ParseResult parsed) {
        return value(parsed, deadline, Duration.class);
    }

    /** Tells a run all of them but memory. */
    void tell(ParseResult parsed, Launch launch) {
        launch.privilege =
                Objects.requireNonNullElse(
                        value(parsed, privilege, PrivilegeMode.class), PrivilegeMode.AUTO);
        launch.deadline = deadline(parsed);
        launch.dialect = value(parsed, dialect, Dialect.class);
    }

    /**
     * Refuses what is decided for guests that go on from a snapshot.
     *
     * @param arguments of the guest
     * @throws ConfigException if one was given
     */
    void requireNone(ParseResult parsed, List<String> arguments) {
        for (OptionSpec option : List.of(memory, privilege, dialect)) {
            if (parsed.hasMatchedOption(option)) {
                throw new ConfigException(
                        option.longestName()
                                + ": a guest that goes on from a snapshot has its own");
            }
        }
        if (!arguments.isEmpty()) {
            throw new ConfigException(
                    "a guest that goes on from a snapshot has its arguments already: leave out "
                            + String.join(" ", arguments));
        }
    }
}
