package jukvm.bench.clones;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import jukvm.bench.BenchFiles;
import jukvm.bench.Main;
import jukvm.bench.Progress;
import jukvm.bench.Version;
import jukvm.bench.action.Action;
import jukvm.bench.action.AnsweringSystem;
import jukvm.bench.action.Resident;
import jukvm.bench.experiment.Interruption;
import jukvm.bench.load.Samples;
import jukvm.bench.report.Lines;
import jukvm.bench.report.Say;
import jukvm.error.ConfigException;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;
import org.apache.commons.io.file.PathUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code jukvm bench clones}: measures clones of a snapshot in a file. */
@Command(
        name = "clones",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Measure how soon clones of a guest with 256 MiB, whose snapshot is in a file, answer"
                        + " an HTTP request: started by the library, by the command through its"
                        + " daemon, and by the command alone.",
        footer = {
            "",
            "Needs passt. Times are from the request for a clone to the first byte of its answer.",
            "The exit status is 1 if one gave no answer, or another than it must."
        },
        sortOptions = false)
public final class ClonesCommand implements Callable<Integer> {
    private static final long MEMORY = 256L << 20;
    private static final int ROUNDS = 10;

    @Spec private CommandSpec spec;

    @Option(
            names = "--starts",
            paramLabel = "N",
            defaultValue = "10000",
            description = "How many clones in each way; ${DEFAULT-VALUE} if not given.")
    private int starts;

    private final Map<String, Samples> times = new LinkedHashMap<>();
    private final Map<String, List<String>> failures = new LinkedHashMap<>();

    @Override
    @SuppressWarnings("try") // The interruption is only there.
    public Integer call() throws InterruptedException {
        if (starts < ROUNDS) {
            throw new ParameterException(
                    spec.commandLine(), "--starts: " + starts + " is less than " + ROUNDS);
        }
        BenchFiles files = BenchFiles.ofThisBuild();
        files.requireGuests();
        Progress progress = new Progress(System.err, Boolean.getBoolean("jukvm.terminal"));
        try (Interruption interruption = Interruption.ofThisThread();
                Monitor monitor = Monitor.open()) {
            Path folder = Files.createTempDirectory("jukvm-bench-");
            try {
                measure(files, monitor, folder, progress);
                progress.end();
                print();
            } finally {
                progress.end();
                PathUtils.deleteDirectory(folder);
            }
        } catch (IOException e) {
            throw new ConfigException("temporary files: " + e);
        }
        return failures.isEmpty() ? 0 : Main.FAILURE;
    }

    private void measure(BenchFiles files, Monitor monitor, Path folder, Progress progress)
            throws InterruptedException {
        Path file = folder.resolve("http.snap");
        CloneStarters.write(monitor, files.http(), MEMORY, file);
        try (Snapshot snapshot = monitor.openSnapshot(file);
                AnsweringSystem.Starter library = CloneStarters.library(monitor, snapshot);
                Resident daemon = Resident.start(files.command(), folder.resolve("daemon"))) {
            Map<String, AnsweringSystem.Starter> ways = new LinkedHashMap<>();
            ways.put("library", library);
            ways.put(
                    "command with its daemon",
                    CloneStarters.command(files.command(), daemon.runtime(), file));
            ways.put(
                    "command alone",
                    CloneStarters.command(files.command(), folder.resolve("none"), file));
            for (int round = 1; round <= ROUNDS; round++) {
                for (Map.Entry<String, AnsweringSystem.Starter> way : ways.entrySet()) {
                    progress.say(way.getKey() + ", round " + round + " of " + ROUNDS);
                    measure(way.getKey(), way.getValue(), starts / ROUNDS);
                }
            }
        }
    }

    private void measure(String way, AnsweringSystem.Starter starter, int count)
            throws InterruptedException {
        Samples samples = times.computeIfAbsent(way, any -> new Samples());
        for (int i = 0; i < count; i++) {
            Action action = AnsweringSystem.answer(starter);
            if (action.failure().isEmpty()) {
                samples.add(action.firstByte() - action.requested());
            } else {
                failures.computeIfAbsent(way, any -> new ArrayList<>()).add(action.failure());
            }
        }
    }

    private void print() {
        Lines lines = new Lines();
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("clones started by", "clones", "median, ms", "p99, ms", "longest, ms"));
        times.forEach(
                (way, samples) ->
                        rows.add(
                                List.of(
                                        way,
                                        "" + samples.count(),
                                        Say.millis(samples.median()),
                                        Say.millis(samples.percentile(99)),
                                        Say.millis(samples.percentile(100)))));
        lines.table(rows);
        failures.forEach(
                (way, all) ->
                        lines.row("%s: %d failed, the first: %s", way, all.size(), all.get(0)));
        PrintWriter out = spec.commandLine().getOut();
        out.print(lines);
        out.flush();
    }
}
