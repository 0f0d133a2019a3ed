package jukvm.bench.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jukvm.bench.result.Results;

/** The results as a person reads them in a terminal, at most 100 columns wide. */
public final class SummaryTable {
    private SummaryTable() {}

    /**
     * Returns the summary.
     *
     * @param directory where the report is
     */
    public static String of(Results results, Path directory) {
        Lines lines = new Lines();
        if (!results.partial().isEmpty()) {
            lines.text("PARTIAL: " + results.partial() + ". What follows is not all.", 0, 4);
        }
        lines.text(Bars.verdict(results), 0, 4);
        for (Bars bar : Bars.of(results)) {
            String margin = bar.margin().isEmpty() ? "" : ": " + bar.margin();
            String figure = bar.bar().measured() ? bar.figure() : "";
            lines.row("%-12s  %-24s %s%s", bar.word(), bar.name(), figure, margin);
            lines.text(bar.bar().text(), 14, 14);
        }
        lines.end();
        List<List<String>> rows = new ArrayList<>(List.of(SystemTable.HEADS));
        rows.addAll(SystemTable.rows(results));
        if (rows.size() > 1) {
            lines.table(rows.stream().map(row -> row.subList(0, SystemTable.NARROW)).toList());
            lines.row("ratio: how many times as long as %s takes", Results.HEADLINE).end();
        }
        table(lines, SystemTable.ANSWER_HEADS, SystemTable.answerRows(results));
        table(lines, SystemTable.ENGINE_HEADS, SystemTable.engineRows(results));
        for (String missing : SystemTable.missing(results)) {
            lines.text("not measured: " + missing, 0, 4);
        }
        if (results.failed() == 0) {
            lines.row("Every action ended and printed as it must.");
        }
        for (String failure : SystemTable.failures(results)) {
            lines.text("failed: " + failure, 0, 4);
        }
        // A path is for copying: never broken.
        return lines.row("report: %s", directory.resolve(ReportWriter.PAGE)).toString();
    }

    private static void table(Lines lines, List<String> heads, List<List<String>> rows) {
        if (!rows.isEmpty()) {
            List<List<String>> all = new ArrayList<>(List.of(heads));
            all.addAll(rows);
            lines.table(all).end();
        }
    }
}
