package jukvm.cli.run;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import jukvm.call.Hypercall;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.Conversions;
import jukvm.error.ConfigException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The options of {@code jukvm run} that ask for a {@link Trace}. */
final class TraceOptions {
    final OptionSpec place =
            CommandModel.optional("--trace", Trace.Wanted.ERR)
                    .paramLabel("FILE")
                    .converters(new Conversions.FileName())
                    .description("Write each hypercall as a line, to stderr if no FILE is given.")
                    .build();
    final OptionSpec calls =
            OptionSpec.builder("--trace-calls")
                    .paramLabel("KIND,...")
                    .type(Set.class)
                    .auxiliaryTypes(Hypercall.class)
                    .converters(new Conversions.Hypercalls())
                    .description("Trace these kinds of hypercall alone, such as block,net_read.")
                    .build();
    final OptionSpec summary =
            OptionSpec.builder("--trace-summary")
                    .description("Trace how often each was called and the time it took.")
                    .build();

    /**
     * Returns what is asked for, null if nothing.
     *
     * @throws ConfigException if it is said how to trace, and not to
     */
    Trace.@Nullable Wanted wanted(ParseResult parsed) {
        if (!parsed.hasMatchedOption(place)) {
            for (OptionSpec option : List.of(calls, summary)) {
                if (parsed.hasMatchedOption(option)) {
                    throw new ConfigException(option.longestName() + ": give --trace, too");
                }
            }
            return null;
        }
        Set<Hypercall> kinds =
                parsed.hasMatchedOption(calls) ? calls.getValue() : EnumSet.allOf(Hypercall.class);
        return new Trace.Wanted(place.getValue(), kinds, parsed.hasMatchedOption(summary));
    }
}
