package jukvm.bench.embed;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import jukvm.bench.action.Levels;
import jukvm.bench.report.Lines;
import jukvm.bench.report.Say;
import jukvm.bench.result.Offered;
import jukvm.bench.result.SystemResult.Closed;
import jukvm.bench.result.Times;
import jukvm.monitor.HostFacts;

/** The figures as a person reads them, at most 100 columns wide; all times in µs. */
final class EmbedTable {
    private static final double LINEAR = 1.25;

    private EmbedTable() {}

    static String of(EmbedFigures figures) {
        Lines lines = new Lines();
        HostFacts host = figures.host();
        String modules = String.join(", ", host.kvmModules());
        lines.row("%s, %d usable; Linux %s, %s", host.cpu(), host.cores(), host.kernel(), modules);
        lines.row("Java %s, native binding %s", host.jdk(), host.binding());
        lines.row(
                "hello.hvt, %d MiB, ring %d, one warm JVM; the native floor in turns with it",
                Levels.MEMORY_MIB, Levels.RING);
        lines.end().table(levels(figures));
        lines.end().table(closed("closed loop, shell, threads", figures.tried()));
        lines.row(
                "%d threads %,.0f guests/s, two floors %,.0f guests/s: %.2f of them (%.0f s in"
                        + " turns, twice)",
                figures.threads(),
                figures.perSecond(),
                figures.floorPerSecond(),
                figures.perSecond() / figures.floorPerSecond(),
                figures.turnSeconds());
        Offered open = figures.openLoop();
        lines.end();
        lines.row(
                "open loop, shell, %.2f requests/s, %.0f s, from when each was to come, µs",
                open.rate(), open.seconds());
        lines.row(
                "median %s   p99 %s   longest %s   of %d",
                Say.number(open.median()),
                Say.number(open.p99()),
                Say.number(open.max()),
                open.count());
        lines.end().table(closed("in flight, shell, guests", figures.inFlight()));
        figures.inFlightGrowth().ifPresent(growth -> growth(lines, growth));
        lines.end().table(closed("closed loop, in a worker, threads", figures.apart()));
        lines.row("the worker has %s MiB of memory", Say.number(figures.workerMib()));
        lines.end();
        for (EmbedFigures.Burst row : figures.bursts()) {
            String what = String.format("%d requests at once, %s:", row.requests(), row.order());
            lines.row("%-36s %s", what, times(row.times()));
        }
        lines.end();
        for (Deadlines.Figures row : figures.deadlines()) {
            String garbage = row.collecting() ? ", collecting garbage" : "";
            lines.row(
                    "late after a deadline, %d guests that spin%s: %s",
                    Deadlines.GUESTS, garbage, times(row.times()));
        }
        lines.end();
        if (figures.failures().isEmpty()) {
            lines.row("Every run ended and printed as it must, on what it was to start on.");
        }
        figures.failures().forEach((reason, n) -> lines.row("%,d runs failed: %s", n, reason));
        return lines.toString();
    }

    private static List<List<String>> levels(EmbedFigures figures) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("from the request", "jukvm", "", "floor", "", "", "", ""));
        rows.add(List.of("µs", "median", "p99", "median", "p99", "ratio", "runs", "failed"));
        for (Map.Entry<String, EmbedFigures.Compared> entry : figures.levels().entrySet()) {
            EmbedFigures.Compared level = entry.getValue();
            rows.add(
                    List.of(
                            title(entry.getKey()),
                            Say.number(level.jukvm().median()),
                            Say.number(level.jukvm().p99()),
                            Say.number(level.floor().median()),
                            Say.number(level.floor().p99()),
                            String.format(Locale.ROOT, "%.2f", level.ratio()),
                            String.valueOf(level.jukvm().count()),
                            String.valueOf(level.failed())));
        }
        return rows;
    }

    private static String title(String level) {
        return switch (level) {
            case "cold" -> "cold, to its exit";
            case "cold_freed" -> "cold, to all freed";
            case "exit" -> "exit and back";
            case "process" -> "in a worker, to result";
            case "process_exit" -> "in a worker, exit";
            default -> level + ", to result";
        };
    }

    private static List<List<String>> closed(String what, List<Closed> all) {
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of(what, "median µs", "p99 µs", "guests/s"));
        for (Closed row : all) {
            rows.add(
                    List.of(
                            String.valueOf(row.workers()),
                            Say.number(row.median()),
                            Say.number(row.p99()),
                            String.format(Locale.ROOT, "%,.0f", row.perSecond())));
        }
        return rows;
    }

    private static void growth(Lines lines, double growth) {
        String word = growth <= LINEAR ? "no worse" : "worse";
        lines.row("median(64)/64 is %.2f times median(2)/2: %s than linear (1.25)", growth, word);
    }

    private static String times(Times times) {
        return "median " + Say.number(times.median()) + "   p99 " + Say.number(times.p99()) + " µs";
    }
}
