package jukvm.bench.report;

import java.nio.file.Path;
import java.util.Locale;
import jukvm.bench.result.Fetch;
import jukvm.bench.result.Missing;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;

/** The results as a person reads them in a terminal, at most 100 columns wide. */
public final class SummaryTable {
    private static final String SYSTEM = "%-17s %9s %19s %9s %8s %9s %9s %7s %5s";
    private static final String FETCH = "%-17s %9s %9s %9s %9s %12s %7s";
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
        table.missing();
        table.fetches();
        table.failures();
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
            lines.row(
                    "%-12s  %-24s %s%s",
                    bar.word(), bar.name(), bar.bar().measured() ? bar.figure() : "", margin);
            lines.text(bar.bar().text(), 14, 14);
        }
        lines.end();
    }

    private void systems() {
        if (results.systems().isEmpty()) {
            return;
        }
        lines.row(
                SYSTEM,
                "one at a time, ms",
                "median",
                "95 % interval",
                "p99",
                "ratio",
                "peak/s",
                "held/s",
                "core-ms",
                "bad");
        for (SystemResult system : results.systems()) {
            lines.row(
                    SYSTEM,
                    system.id(),
                    Systems.median(system),
                    Systems.done(system)
                            .map(t -> Say.millis(t.low()) + " to " + Say.millis(t.high()))
                            .orElse(Say.NONE),
                    Systems.p99(system),
                    Systems.ratio(results, system),
                    Systems.peak(system),
                    Systems.held(system),
                    Systems.cost(system),
                    system.failed());
        }
        Systems.headline(results)
                .ifPresent(system -> lines.row("ratio: of the medians, to %s", system.id()));
        lines.end();
    }

    private void missing() {
        for (Missing missing : results.missing()) {
            String remedy = missing.remedy().isEmpty() ? "" : "; " + missing.remedy();
            lines.text("not measured: " + missing.id() + ": " + missing.reason() + remedy, INDENT);
        }
        if (!results.missing().isEmpty()) {
            lines.end();
        }
    }

    private void fetches() {
        if (results.fetches().isEmpty()) {
            return;
        }
        lines.row(FETCH, "fetch, start, ms", "median", "p99", "longest", "fetch", "bytes", "bad");
        for (Fetch fetch : results.fetches()) {
            lines.row(
                    FETCH,
                    fetch.id(),
                    Say.millis(fetch.done().median()),
                    Say.millis(fetch.done().p99()),
                    Say.millis(fetch.done().max()),
                    fetch.fetch() > 0 ? Say.millis(fetch.fetch()) : Say.NONE,
                    String.format(Locale.ROOT, "%,d", fetch.bytes()),
                    fetch.failed());
        }
        lines.end();
    }

    private void failures() {
        if (results.failed() == 0) {
            lines.row("Every action ended and printed as it must.");
        }
        for (SystemResult system : results.systems()) {
            system.failures().forEach(failure -> failure(system.id(), failure));
        }
        for (Fetch fetch : results.fetches()) {
            fetch.failures().forEach(failure -> failure(fetch.id() + ", fetched", failure));
        }
    }

    private void failure(String id, SystemResult.Failure failure) {
        String count = Say.count(failure.count(), "action");
        lines.text(count + " of " + id + " failed: " + failure.reason(), INDENT);
    }
}
