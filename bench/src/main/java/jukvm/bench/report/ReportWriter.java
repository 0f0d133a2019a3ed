package jukvm.bench.report;

import java.nio.file.Path;
import java.util.Map;
import jukvm.bench.result.Json;
import jukvm.bench.result.ResultDirectory;
import jukvm.bench.result.Results;

/** Writes a result directory: {@code results.json}, raw figures, the page and the plots. */
public final class ReportWriter {
    /** Name of the page in a result directory. */
    public static final String PAGE = "report.html";

    private ReportWriter() {}

    /**
     * Writes all files: the results first, so that what counts is kept if the rest fails.
     *
     * @param directory that is there
     * @param raw figures as texts by file name
     * @throws jukvm.error.ConfigException if a file cannot be written
     */
    public static void write(Path directory, Results results, Map<String, String> raw) {
        ResultDirectory.write(directory, ResultDirectory.NAME, Json.of(results));
        raw.forEach((name, text) -> ResultDirectory.write(directory, name, text));
        ResultDirectory.write(directory, PAGE, Page.of(results, RowPlot.of(results)));
        for (RowPlot plot : RowPlot.of(results)) {
            ResultDirectory.write(directory, plot.name() + ".svg", plot.svg());
        }
    }
}
