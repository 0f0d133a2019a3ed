package jukvm.bench.jmh;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.Callable;
import jukvm.bench.BenchFiles;
import jukvm.bench.Version;
import jukvm.error.ConfigException;
import jukvm.monitor.Monitor;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code jukvm bench jmh}: runs the JMH benchmarks. */
@Command(
        name = "jmh",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Run the JMH benchmarks: the hot path in pieces, each with its unit. All of them"
                        + " take some four minutes.",
        footer = {
            "",
            "  ExitRoundTrip      an exit from the VM and back, by native binding; needs KVM",
            "  HypercallDispatch  the monitor's answer to a hypercall, without the exit",
            "  ImageParse         reading and checking an image",
            "  MemoryAccess       guest memory, against a plain buffer",
            "  TemplateMap        an image laid out in memory: copied, or mapped",
            "",
            "  -l                 list them             -lp      with their parameters",
            "  -f N, -wi N, -i N  forks, iterations to warm up, iterations measured",
            "  -rf json -rff FILE write the results to FILE as JSON, too",
            "",
            "jukvm bench jmh MemoryAccess.u64 runs u64 and u64Plain. The exit status is 1 if",
            "a benchmark failed."
        })
public final class JmhCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "REGEX|OPTION",
            description = "Which benchmarks, all by default; and options of JMH, such as -f 5.")
    private List<String> arguments = List.of();

    /**
     * Returns the benchmarks whose names regular expressions find.
     *
     * @param includes at least one must; all benchmarks if there are none
     * @param excludes none may
     */
    static SortedSet<BenchmarkListEntry> find(List<String> includes, List<String> excludes) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), false, UTF_8);
        return BenchmarkList.defaultList()
                .find(
                        OutputFormatFactory.createFormatInstance(nowhere, VerboseMode.SILENT),
                        includes,
                        excludes);
    }

    /** Returns whether a benchmark runs guests. */
    static boolean needsKvm(BenchmarkListEntry benchmark) {
        return benchmark.getUserClassQName().equals(ExitRoundTrip.class.getName());
    }

    @Override
    public Integer call() {
        try {
            CommandLineOptions options = new CommandLineOptions(arguments.toArray(String[]::new));
            if (!list(options)) {
                run(options);
            }
            return 0;
        } catch (CommandLineOptionException | RunnerException e) {
            throw new ConfigException("jmh: " + e.getMessage());
        }
    }

    // What JMH's own command does besides running.
    private static boolean list(CommandLineOptions options) {
        if (options.shouldList()) {
            new Runner(options).list();
        } else if (options.shouldListWithParams()) {
            new Runner(options).listWithParams(options);
        } else if (options.shouldListProfilers()) {
            options.listProfilers();
        } else if (options.shouldListResultFormats()) {
            options.listResultFormats();
        } else {
            return false;
        }
        return true;
    }

    private static void run(CommandLineOptions options) throws RunnerException {
        BenchFiles.ofThisBuild().requireGuests();
        Set<BenchmarkListEntry> found = find(options.getIncludes(), options.getExcludes());
        if (found.isEmpty()) {
            throw new ConfigException(
                    "jmh: no benchmark matches " + options.getIncludes() + ". -l lists them.");
        }
        if (found.stream().anyMatch(JmhCommand::needsKvm)) {
            Monitor.open().close(); // Says what is missing here, and not in every fork.
        }
        boolean failsOnError = options.shouldFailOnError().orElse(true);
        new Runner(new OptionsBuilder().parent(options).shouldFailOnError(failsOnError).build())
                .run();
    }
}
