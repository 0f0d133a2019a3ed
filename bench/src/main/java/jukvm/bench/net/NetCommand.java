package jukvm.bench.net;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import jukvm.bench.BenchFiles;
import jukvm.bench.Main;
import jukvm.bench.Progress;
import jukvm.bench.Version;
import jukvm.bench.experiment.Interruption;
import jukvm.bench.process.NetworkSpace;
import jukvm.bench.report.Lines;
import jukvm.error.ConfigException;
import jukvm.monitor.Monitor;
import org.apache.commons.io.file.PathUtils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code jukvm bench net}: measures guests' networks. */
@Command(
        name = "net",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Measure each way between a guest and the host: frames a second, and HTTP by one"
                        + " connection up, down and back and forth, beside plain sockets of the"
                        + " host and the same guest behind QEMU's user network.",
        footer = {
            "",
            "Needs root: it works in a network namespace of its own, which ends with it.",
            "The exit status is 1 if something could not be measured, which is said."
        },
        sortOptions = false)
public final class NetCommand implements Callable<Integer> {
    // Ethernet's MTU, and the largest that passt takes.
    private static final List<Integer> MTUS = List.of(1500, 65520);
    private static final NetBench.Plan FULL = new NetBench.Plan(MTUS, 3, 0.7);
    private static final NetBench.Plan QUICK = new NetBench.Plan(MTUS, 1, 0.2);

    @Spec private CommandSpec spec;

    @Option(
            names = "--quick",
            description = "One round of short figures, in two minutes; not for quoting.")
    private boolean quick;

    @Override
    public Integer call() throws InterruptedException {
        BenchFiles files = BenchFiles.ofThisBuild();
        files.requireGuests();
        Progress progress = new Progress(System.err, Boolean.getBoolean("jukvm.terminal"));
        return NetworkSpace.call(() -> measure(files, progress)) ? 0 : Main.FAILURE;
    }

    @SuppressWarnings("try") // The interruption is only there.
    private boolean measure(BenchFiles files, Progress progress) throws InterruptedException {
        try (Interruption interruption = Interruption.ofThisThread();
                Monitor monitor = Monitor.open(0)) {
            Path folder = Files.createTempDirectory("jukvm-bench-");
            try {
                NetBench.Plan plan = quick ? QUICK : FULL;
                NetBench bench = new NetBench(files, monitor, folder, plan, progress);
                bench.measure();
                progress.end();
                print(bench);
                return bench.missing().isEmpty();
            } finally {
                progress.end();
                PathUtils.deleteDirectory(folder);
            }
        } catch (IOException e) {
            throw new ConfigException("temporary files: " + e);
        }
    }

    private void print(NetBench bench) {
        Lines lines = new Lines();
        List<List<String>> rows = new ArrayList<>(List.of(NetRow.heads()));
        bench.rows().forEach(row -> rows.add(row.cells()));
        lines.table(rows);
        bench.missing().forEach((name, why) -> lines.row("not measured: %s: %s", name, why));
        PrintWriter out = spec.commandLine().getOut();
        out.print(lines);
        out.flush();
    }
}
