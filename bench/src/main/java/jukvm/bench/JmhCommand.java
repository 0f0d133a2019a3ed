package jukvm.bench;

import java.util.List;
import java.util.concurrent.Callable;
import jukvm.error.ConfigException;
import jukvm.monitor.Monitor;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code jukvm bench jmh}: runs the JMH benchmarks. */
@Command(
        name = "jmh",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Run the JMH benchmarks: the cost of an exit from the VM, through each native"
                        + " binding.")
final class JmhCommand implements Callable<Integer> {
    @Parameters(
            paramLabel = "REGEX|OPTION",
            description = "Which benchmarks, all by default; and options of JMH, such as -f 5.")
    private List<String> arguments = List.of();

    @Override
    public Integer call() {
        BenchFiles.ofThisBuild().requireGuests();
        Monitor.open().close(); // Says what is missing here, and not in every fork.
        try {
            new Runner(new CommandLineOptions(arguments.toArray(String[]::new))).run();
            return 0;
        } catch (CommandLineOptionException | RunnerException e) {
            throw new ConfigException("jmh: " + e.getMessage());
        }
    }
}
