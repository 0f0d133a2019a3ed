package jukvm.bench;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import jukvm.bench.clones.ClonesCommand;
import jukvm.bench.cost.CostCommand;
import jukvm.bench.embed.EmbedCommand;
import jukvm.bench.experiment.Bench;
import jukvm.bench.experiment.Plan;
import jukvm.bench.idle.IdleCommand;
import jukvm.bench.jmh.JmhCommand;
import jukvm.bench.net.NetCommand;
import jukvm.bench.report.Comparison;
import jukvm.bench.report.ReportWriter;
import jukvm.bench.result.ResultDirectory;
import jukvm.error.JukvmException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command {@code jukvm bench}: the experiment, and the other measurements by name. */
@Command(
        name = "jukvm bench",
        header = {"Compares jukvm with processes, containers and native tenders, on this host."},
        description = {
            "",
            "Without a COMMAND it runs the experiment of the HotOS'17 paper: the same small action"
                    + " in every system that is here, for latency, throughput, fetch and start"
                    + " with nothing cached, and memory; an answer over HTTP by an instance"
                    + " started for it; and a container that docker and containerd are asked for."
                    + " It writes raw figures, plots and a report.",
            ""
        },
        footer = {
            "",
            "Needs /dev/kvm, and root for containers; what is missing is reported. Ctrl-C",
            "ends it early and keeps what was measured. Every action is checked; the exit",
            "status is 1 if one failed or not all was measured."
        },
        synopsisSubcommandLabel = "[COMMAND]",
        sortOptions = false,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            ClonesCommand.class,
            CostCommand.class,
            EmbedCommand.class,
            IdleCommand.class,
            NetCommand.class
        })
public final class Main implements Callable<Integer> {
    /** What everything but a measurement without failures exits with. */
    public static final int FAILURE = 1;

    @Spec private CommandSpec spec;

    @Option(names = "--quick", description = "Some three minutes instead of 25; for a look.")
    private boolean quick;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Directory for the results; a new one named by date if not given.")
    private @Nullable Path directory;

    private Main() {}

    /** Runs the command and ends the process with its status. */
    public static void main(String[] args) {
        System.exit(execute(args));
    }

    // A native binding that cannot be loaded shows when a class that needs it is initialised.
    private static int execute(String[] args) {
        try {
            return commandLine().execute(args);
        } catch (ExceptionInInitializerError e) {
            Throwable cause = e.getCause();
            System.err.println("jukvm: " + (cause == null ? e : cause.getMessage()));
            return FAILURE;
        }
    }

    /** Returns the command with all its subcommands. */
    public static CommandLine commandLine() {
        // What it does not know is for JMH to parse.
        CommandLine jmh = new CommandLine(new JmhCommand());
        jmh.setUnmatchedOptionsArePositionalParams(true);
        CommandLine line = new CommandLine(new Main()).addSubcommand(jmh);
        line.setExpandAtFiles(false);
        line.setUsageHelpAutoWidth(true);
        line.setParameterExceptionHandler(Main::badArguments);
        line.setExecutionExceptionHandler(Main::failed);
        line.setExecutionStrategy(Main::runWords);
        return line;
    }

    // What is not UTF-8 has become another name by now.
    private static int runWords(CommandLine.ParseResult parsed) {
        if (parsed.originalArgs().stream().anyMatch(word -> word.indexOf('\ufffd') >= 0)) {
            throw new ParameterException(
                    parsed.commandSpec().commandLine(), "a word of the command line is not UTF-8");
        }
        return new CommandLine.RunLast().execute(parsed);
    }

    @Override
    public Integer call() throws InterruptedException {
        CommandLine line = spec.commandLine();
        Progress progress = new Progress(System.err, Boolean.getBoolean("jukvm.terminal"));
        Bench bench = new Bench(BenchFiles.ofThisBuild(), progress, line.getOut());
        Path out = directory == null ? ResultDirectory.named() : directory;
        return bench.run(quick ? Plan.quick() : Plan.full(), out) ? 0 : FAILURE;
    }

    @Command(
            name = "compare",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description =
                    "Show the results of several experiments side by side: of two, what changed and"
                            + " whether by more than their confidence intervals; of more, how far"
                            + " they spread.")
    int compare(
            @Parameters(
                            paramLabel = "DIRECTORY",
                            arity = "1..*",
                            description =
                                    "Result directories, as jukvm bench --out has written them.")
                    List<Path> directories) {
        spec.commandLine().getOut().print(Comparison.of(directories));
        spec.commandLine().getOut().flush();
        return 0;
    }

    @Command(
            name = "report",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description =
                    "Make the page and the plots of a result directory anew, from its results.json,"
                            + " as this version of jukvm draws them.")
    int report(
            @Parameters(
                            paramLabel = "DIRECTORY",
                            description = "Result directory, as jukvm bench --out has written it.")
                    Path directory) {
        ReportWriter.write(directory, ResultDirectory.read(directory), Map.of());
        return 0;
    }

    private static int badArguments(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        String fact = e.getMessage();
        if (e instanceof UnmatchedArgumentException unmatched) {
            String word = unmatched.getUnmatched().get(0);
            fact =
                    (unmatched.isUnknownOption() ? "Unknown option: '" : "Unexpected '")
                            + word
                            + "'";
        }
        say(line.getErr(), fact + ". See " + line.getCommandSpec().qualifiedName(" ") + " --help.");
        return FAILURE;
    }

    private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed)
            throws Exception {
        if (e instanceof JukvmException known) {
            say(line.getErr(), known.getMessage());
            return FAILURE;
        }
        throw e;
    }

    /** Prints one line for the operator. */
    static void say(PrintWriter err, String line) {
        err.println("jukvm: " + line);
        err.flush();
    }
}
