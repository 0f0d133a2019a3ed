package jukvm.bench.report;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import jukvm.bench.result.Results;

/** The results as a person reads them in a terminal, at most 100 columns wide. */
public final class SummaryTable {
    private static final int INDENT = 4;

    private final Lines lines = new Lines();
    private final Results results;

    private SummaryTable(Results results) {
        this.results = results;
    }

    /**
     * Returns the summary.
     *
     * @param directory where the report is
     */
    public static String of(Results results, Path directory) {
        SummaryTable table = new SummaryTable(results);
        table.verdict();
        table.systems();
        table.rest();
        // A path is for copying: never broken.
        table.lines.row("report: %s", directory.resolve(ReportWriter.PAGE));
        return table.lines.toString();
    }

    private void verdict() {
        if (!results.partial().isEmpty()) {
            lines.text("PARTIAL: " + results.partial() + ". What follows is not all.", INDENT);
        }
        lines.text(Bars.verdict(results), INDENT);
        for (Bars bar : Bars.of(results)) {
            String margin = bar.margin().isEmpty() ? "" : ": " + bar.margin();
            String figure = bar.bar().measured() ? bar.figure() : "";
            lines.row("%-12s  %-24s %s%s", bar.word(), bar.name(), figure, margin);
            lines.text(bar.bar().text(), 14, 14);
        }
        lines.end();
    }

    private void systems() {
        if (results.systems().isEmpty()) {
            return;
        }
        List<List<String>> rows =
                Stream.concat(Stream.of(SystemTable.HEADS), SystemTable.rows(results).stream())
                        .toList();
        String form =
                IntStream.range(0, SystemTable.NARROW)
                        .mapToObj(i -> "%" + (i == 0 ? "-" : "") + width(rows, i) + "s")
                        .collect(Collectors.joining(" "));
        rows.forEach(row -> lines.row(form, row.toArray()));
        lines.row("ratio: how many times as long as %s takes", SystemTable.HEADLINE);
        lines.end();
    }

    private static int width(List<List<String>> rows, int column) {
        return rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(1);
    }

    private void rest() {
        List<String> missing = SystemTable.missing(results);
        missing.forEach(one -> lines.text("not measured: " + one, INDENT));
        if (!missing.isEmpty()) {
            lines.end();
        }
        if (results.failed() == 0) {
            lines.row("Every action ended and printed as it must.");
        }
        SystemTable.failures(results).forEach(one -> lines.text("failed: " + one, INDENT));
    }
}
