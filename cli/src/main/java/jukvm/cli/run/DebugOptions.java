package jukvm.cli.run;

import java.util.List;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.Conversions;
import jukvm.error.ConfigException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.TypeConversionException;

/** The options of {@code jukvm run} that ask for {@link DebugTools}. */
final class DebugOptions {
    /** Where gdb connects if nothing is said. */
    static final String PORT = "1234";

    private final TraceOptions trace = new TraceOptions();
    private final OptionSpec gdb =
            CommandModel.optional("--gdb", PORT)
                    .paramLabel("[ADDRESS:]PORT|unix:PATH")
                    .description(
                            "Have the guest wait at its entry for gdb to connect; port 1234 of this"
                                    + " host alone if nothing is said.")
                    .build();
    private final OptionSpec gdbOnFault =
            CommandModel.optional("--gdb-on-fault", PORT)
                    .paramLabel("[ADDRESS:]PORT|unix:PATH")
                    .description(
                            "Have the guest wait for gdb when it has faulted or aborted, and stop"
                                    + " where it is when gdb comes before.")
                    .build();

    private final OptionSpec dumpCore =
            OptionSpec.builder("--dumpcore")
                    .paramLabel("DIR")
                    .type(String.class)
                    .converters(new Conversions.FileName())
                    .description(
                            "Write a core to DIR, which gdb opens, if the guest aborts, faults or"
                                    + " is still running at its deadline.")
                    .build();

    private final OptionSpec profile =
            OptionSpec.builder("--profile")
                    .paramLabel("HZ,FILE")
                    .type(Profile.Wanted.class)
                    .converters(new Samples())
                    .description(
                            "Look HZ times a second where the guest is, and write that to FILE as"
                                    + " folded stacks, or for pprof if it ends in .pb.gz.")
                    .build();

    private final OptionSpec record =
            OptionSpec.builder("--record")
                    .paramLabel("FILE")
                    .type(String.class)
                    .converters(new Conversions.FileName())
                    .description(
                            "Record the run to FILE, for jukvm replay to do again what the guest"
                                    + " does.")
                    .build();

    private static final class Samples implements ITypeConverter<Profile.Wanted> {
        @Override
        public Profile.Wanted convert(String word) {
            try {
                return Profile.Wanted.of(word);
            } catch (ConfigException e) {
                throw new TypeConversionException(e.getMessage());
            }
        }
    }

    /** Returns them all, in the order in which help has them. */
    List<OptionSpec> all() {
        return List.of(
                trace.place,
                trace.calls,
                trace.summary,
                gdb,
                gdbOnFault,
                dumpCore,
                profile,
                record);
    }

    /** Returns whether the guest is to be in a JVM of its caller's own. */
    boolean needOwnJvm(ParseResult parsed) {
        return parsed.hasMatchedOption(gdb) || parsed.hasMatchedOption(gdbOnFault);
    }

    /** Returns whether the guest is to be in the process that looks into it. */
    boolean needThread(ParseResult parsed) {
        return parsed.hasMatchedOption(dumpCore) || parsed.hasMatchedOption(profile);
    }

    /**
     * Returns what is asked for.
     *
     * @throws ConfigException if that contradicts itself
     */
    DebugTools.Wanted wanted(ParseResult parsed) {
        DebugTools.Wanted wanted = new DebugTools.Wanted();
        wanted.trace = trace.wanted(parsed);
        wanted.gdb = place(parsed, gdb);
        wanted.gdbOnFault = place(parsed, gdbOnFault);
        wanted.coreFolder = place(parsed, dumpCore);
        wanted.recording = place(parsed, record);
        wanted.profile = parsed.hasMatchedOption(profile) ? profile.getValue() : null;
        if (wanted.gdb != null && wanted.gdbOnFault != null) {
            throw new ConfigException("--gdb-on-fault: the guest waits for --gdb at its entry");
        }
        if (wanted.profile != null && needOwnJvm(parsed)) {
            throw new ConfigException("--profile: a guest under gdb is not profiled");
        }
        if (wanted.recording != null && needOwnJvm(parsed)) {
            throw new ConfigException(
                    "--record: a guest under gdb is not recorded; record it, then jukvm replay"
                            + " --gdb");
        }
        return wanted;
    }

    private static @Nullable String place(ParseResult parsed, OptionSpec option) {
        return parsed.hasMatchedOption(option) ? option.getValue() : null;
    }
}
