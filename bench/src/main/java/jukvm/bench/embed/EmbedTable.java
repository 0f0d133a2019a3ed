package jukvm.bench.embed;

import java.util.Formatter;
import java.util.Locale;
import java.util.stream.Collector;
import java.util.stream.Collectors;
import jukvm.bench.action.Levels;
import jukvm.bench.result.Closed;
import jukvm.bench.result.Offered;
import jukvm.monitor.HostFacts;

/** The figures as a person reads them, at most 100 columns wide. */
final class EmbedTable {
    private static final String TIMES = "%-20s %11s %11s %11s %11s %8s %9s %9s%n";
    private static final double LINEAR = 1.25;
    private static final Collector<CharSequence, ?, String> LINES =
            Collectors.joining(System.lineSeparator(), "", System.lineSeparator());

    private final Formatter text = new Formatter(Locale.ROOT);
    private final EmbedFigures figures;

    private EmbedTable(EmbedFigures figures) {
        this.figures = figures;
    }

    static String of(EmbedFigures figures) {
        EmbedTable table = new EmbedTable(figures);
        table.host();
        table.levels();
        table.throughput();
        table.openLoop();
        table.inFlight();
        table.bursts();
        table.deadlines();
        table.failures();
        return table.text.toString().lines().map(String::stripTrailing).collect(LINES);
    }

    private void host() {
        HostFacts host = figures.host();
        text.format("%s, %d usable; Linux %s", host.cpu(), host.cores(), host.kernel());
        host.kvmModules().forEach(module -> text.format(", %s", module));
        text.format("%n");
        text.format("Java %s, native binding %s%n", host.jdk(), host.binding());
        text.format(
                "hello.hvt, %d MiB, ring %d, one warm JVM; the native floor in turns with it%n%n",
                Levels.MEMORY_MIB, Levels.RING);
    }

    private void levels() {
        text.format(TIMES, "from the request", "jukvm", "", "floor", "", "", "", "");
        text.format(TIMES, "µs", "median", "p99", "median", "p99", "ratio", "runs", "failed");
        figures.levels().forEach((name, level) -> row(level, title(name)));
        text.format("%n");
    }

    private static String title(String level) {
        return switch (level) {
            case "cold" -> "cold, to its exit";
            case "cold_freed" -> "cold, to all freed";
            case "exit" -> "exit and back";
            default -> level + ", to result";
        };
    }

    private void row(FloorTurns.Figures row, String title) {
        text.format(
                TIMES,
                title,
                micros(row.jukvm().median()),
                micros(row.jukvm().p99()),
                micros(row.floor().median()),
                micros(row.floor().p99()),
                String.format(Locale.ROOT, "%.2f", row.ratio()),
                row.jukvm().count(),
                row.failed());
    }

    private void throughput() {
        text.format("%-18s %12s %12s%n", "closed loop, shell", "guests/s", "median µs");
        for (Closed tried : figures.tried()) {
            text.format(
                    "%-18s %,12.0f %12s%n",
                    tried.workers() + (tried.workers() == 1 ? " thread" : " threads"),
                    tried.perSecond(),
                    micros(tried.median()));
        }
        text.format(
                "%d threads %,.0f guests/s, two floors %,.0f guests/s: %.2f of them"
                        + " (%.0f s in turns, twice)%n%n",
                figures.threads(),
                figures.perSecond(),
                figures.floorPerSecond(),
                figures.perSecond() / figures.floorPerSecond(),
                figures.turnSeconds());
    }

    private void openLoop() {
        Offered open = figures.openLoop();
        text.format(
                "open loop, shell, %.2f requests/s, %.0f s, from when each was to come, µs%n",
                open.rate(), open.seconds());
        text.format(
                "median %s   p99 %s   longest %s   of %d%n%n",
                micros(open.median()), micros(open.p99()), micros(open.max()), open.count());
    }

    private void inFlight() {
        text.format(
                "%-18s %12s %12s %12s%n", "in flight, shell", "median µs", "p99 µs", "guests/s");
        for (Closed row : figures.inFlight()) {
            text.format(
                    "%-18d %12s %12s %,12.0f%n",
                    row.workers(), micros(row.median()), micros(row.p99()), row.perSecond());
        }
        figures.inFlightGrowth()
                .ifPresent(
                        growth ->
                                text.format(
                                        "median(64)/64 is %.2f times median(2)/2: %s%n",
                                        growth,
                                        growth <= LINEAR
                                                ? "no worse than linear (at most 1.25)"
                                                : "worse than linear (more than 1.25)"));
    }

    private void bursts() {
        text.format("%n");
        for (Bursts.Figures row : figures.bursts()) {
            text.format(
                    "%d requests at once, %-14s median %s   p99 %s µs   %,.0f guests/s%n",
                    row.burst(),
                    row.order() + ":",
                    micros(row.times().median()),
                    micros(row.times().p99()),
                    row.perSecond());
        }
    }

    private void deadlines() {
        text.format("%n");
        for (Deadlines.Figures row : figures.deadlines()) {
            text.format(
                    "late after a deadline, %d guests that spin%s: median %s   p99 %s µs%n",
                    Deadlines.GUESTS,
                    row.collecting() ? ", collecting garbage" : "",
                    micros(row.times().median()),
                    micros(row.times().p99()));
        }
    }

    private void failures() {
        text.format("%n");
        if (figures.failures().isEmpty()) {
            text.format("Every run ended and printed as it must, on what it was to start on.%n");
        }
        figures.failures()
                .forEach((reason, count) -> text.format("%,d runs failed: %s%n", count, reason));
    }

    // Three figures that count, whatever the size.
    private static String micros(double value) {
        String form = value < 10 ? "%.2f" : value < 1000 ? "%.1f" : "%,.0f";
        return String.format(Locale.ROOT, form, value);
    }
}
