package jukvm.bench;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import jukvm.error.ConfigException;
import jukvm.monitor.Monitor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jukvm bench embed}: measures jukvm as a library. */
@Command(
        name = "embed",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Measure jukvm as a library in a warm JVM, in turns with a C program that does the"
                        + " least a tender must.",
        footer = {
            "",
            "Every run is checked. The exit status is 1 if a guest ended or printed otherwise",
            "than it must; runs that found no clean VM are shown but are no error."
        },
        sortOptions = false)
final class EmbedCommand implements Callable<Integer> {
    private static final int MOST_RUNS = 1_000_000;

    @Spec private CommandSpec spec;

    @Option(
            names = "--quick",
            description = "Less than a minute instead of some six; for a look, not for quoting.")
    private boolean quick;

    @Option(
            names = "--runs",
            paramLabel = "N",
            description = "Counted runs of each level; 2000 if not given, 400 with --quick.")
    private @Nullable Integer runs;

    @Option(
            names = "--json",
            paramLabel = "FILE",
            description = "Write the figures to FILE as one JSON document, too.")
    private @Nullable Path json;

    @Override
    public Integer call() throws InterruptedException {
        Plan plan = plan();
        BenchFiles files = BenchFiles.ofThisBuild();
        files.requireGuests();
        files.requireFloor();
        Monitor.open().close(); // Before a file is written to that may hold older figures.
        if (json == null) {
            return measure(files, plan, null);
        }
        try (EmbedReport report = EmbedReport.open(json)) {
            return measure(files, plan, report);
        }
    }

    private int measure(BenchFiles files, Plan plan, @Nullable EmbedReport report)
            throws InterruptedException {
        Progress progress = new Progress(System.err, Boolean.getBoolean("jukvm.terminal"));
        EmbedFigures figures = new EmbedBench(files, plan, progress).measure();
        PrintWriter out = spec.commandLine().getOut();
        out.print(EmbedTable.of(figures));
        out.flush();
        if (report != null) {
            report.write(figures);
        }
        return figures.wrong() == 0 ? 0 : Main.FAILURE;
    }

    private Plan plan() {
        Plan plan = quick ? Plan.quick() : Plan.full();
        if (runs == null) {
            return plan;
        }
        if (runs < 1 || runs > MOST_RUNS) {
            throw new ConfigException("--runs: need a number from 1 to " + MOST_RUNS);
        }
        return plan.withRuns(runs);
    }
}
