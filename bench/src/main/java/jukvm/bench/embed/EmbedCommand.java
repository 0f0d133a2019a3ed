package jukvm.bench.embed;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import jukvm.bench.BenchFiles;
import jukvm.bench.Main;
import jukvm.bench.Progress;
import jukvm.bench.Version;
import jukvm.bench.result.Json;
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
public final class EmbedCommand implements Callable<Integer> {
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
        EmbedPlan plan = plan();
        BenchFiles files = BenchFiles.ofThisBuild();
        files.requireGuests();
        files.requireFloor();
        Monitor.open().close(); // Before a file is written to that may hold older figures.
        // Nothing is measured that cannot be reported.
        try (OutputStream report = json == null ? OutputStream.nullOutputStream() : open(json)) {
            Progress progress = new Progress(System.err, Boolean.getBoolean("jukvm.terminal"));
            EmbedFigures figures = new EmbedBench(files, plan, progress).measure();
            PrintWriter out = spec.commandLine().getOut();
            out.print(EmbedTable.of(figures));
            out.flush();
            report.write(Json.of(figures).getBytes(StandardCharsets.UTF_8));
            return figures.wrongResults() == 0 ? 0 : Main.FAILURE;
        } catch (IOException e) {
            throw new ConfigException("--json: cannot write " + json + ": " + e.getMessage());
        }
    }

    /**
     * Opens the file of the figures.
     *
     * @throws ConfigException if it cannot be written
     */
    static OutputStream open(Path json) {
        try {
            return new FileOutputStream(json.toFile());
        } catch (IOException e) {
            throw new ConfigException("--json: cannot write: " + e.getMessage());
        }
    }

    private EmbedPlan plan() {
        EmbedPlan plan = quick ? EmbedPlan.quick() : EmbedPlan.full();
        if (runs == null) {
            return plan;
        }
        if (runs < 1 || runs > MOST_RUNS) {
            throw new ConfigException("--runs: need a number from 1 to " + MOST_RUNS);
        }
        return plan.withRuns(runs);
    }
}
