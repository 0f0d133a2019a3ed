package jukvm.bench.jmh;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.SortedSet;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.format.OutputFormat;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The JMH benchmarks that the build has found. */
final class Benchmarks {
    private static final OutputFormat SILENT =
            OutputFormatFactory.createFormatInstance(
                    new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8),
                    VerboseMode.SILENT);

    private Benchmarks() {}

    /**
     * Returns those whose names regular expressions find.
     *
     * @param includes at least one must; all benchmarks if there are none
     * @param excludes none may
     */
    static SortedSet<BenchmarkListEntry> find(List<String> includes, List<String> excludes) {
        return BenchmarkList.defaultList().find(SILENT, includes, excludes);
    }

    /** Returns whether a benchmark runs guests. */
    static boolean needsKvm(BenchmarkListEntry benchmark) {
        return benchmark.getUserClassQName().equals(ExitRoundTrip.class.getName());
    }
}
