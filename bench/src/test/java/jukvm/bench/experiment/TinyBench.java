package jukvm.bench.experiment;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.bench.BenchFiles;
import jukvm.bench.Progress;
import jukvm.bench.action.Catalog;
import jukvm.bench.action.Levels;
import jukvm.bench.load.ClosedLoops;
import jukvm.bench.load.LatencyRuns;
import org.apache.commons.io.file.PathUtils;

/** Experiments so small that their figures mean nothing; as a process, one with many instances. */
final class TinyBench {
    /** A little of everything. */
    static final Plan PLAN = plan(new LatencyRuns.Plan(2, 1, 1, 2, 1, 0.05), List.of(1));

    private static final int MANY = 30;

    private TinyBench() {}

    private static Plan plan(LatencyRuns.Plan latency, List<Integer> density) {
        return new Plan(
                "tiny",
                latency,
                new ClosedLoops.Plan(List.of(2), 0.1, 1, 0.1, 0.02),
                List.of(20.0),
                0.1,
                0.1,
                new LatencyRuns.Plan(1, 1, 1, 2, 1, 0.05),
                density,
                new LatencyRuns.Plan(1, 1, 1, 0, 1, 0),
                10);
    }

    /**
     * Measures into the directory named by the first argument, many idle instances or, if there is
     * a second argument, many actions one at a time; or lists the systems without one.
     */
    public static void main(String[] arguments) throws Exception {
        PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        if (arguments.length == 0) {
            list(out);
            return;
        }
        Plan plan =
                arguments.length == 1
                        ? plan(PLAN.latency(), List.of(1, MANY))
                        : plan(new LatencyRuns.Plan(2000, 2000, 100, 2, 1, 0.05), List.of(1));
        new Bench(BenchFiles.ofThisBuild(), new Progress(System.err, true), out)
                .run(plan, Path.of(arguments[0]));
    }

    private static void list(PrintWriter out) throws Exception {
        BenchFiles files = BenchFiles.ofThisBuild();
        Path work = Files.createTempDirectory("jukvm-bench-");
        try (Levels levels = new Levels(files);
                Catalog catalog = Catalog.search(work, files, levels)) {
            catalog.found().forEach(system -> out.println("found " + system.identity().id()));
            catalog.missing()
                    .forEach(
                            one ->
                                    out.println(
                                            "missing "
                                                    + one.id()
                                                    + ": "
                                                    + one.reason()
                                                    + "; "
                                                    + one.remedy()));
        } finally {
            PathUtils.deleteDirectory(work);
        }
    }
}
