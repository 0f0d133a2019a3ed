package jukvm.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import jukvm.bench.report.RowPlot.Bar;
import jukvm.bench.report.RowPlot.Range;
import jukvm.bench.report.RowPlot.Row;
import jukvm.bench.result.Fetch;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.SystemResult.Peak;
import jukvm.bench.result.Times;

/** The plots of the report: what one action takes, and how many a second. */
final class RowPlots {
    private static final double MICROS_A_MILLI = 1000;
    private static final double LEAST = 1e-6;

    private RowPlots() {}

    /** Returns the plots of what was measured. */
    static List<RowPlot> of(Results results) {
        List<RowPlot> all = new ArrayList<>(List.of(latency(results), throughput(results)));
        all.removeIf(plot -> plot.rows().isEmpty());
        return all;
    }

    private static RowPlot latency(Results results) {
        List<Row> rows = new ArrayList<>();
        for (SystemResult system : results.systems()) {
            List<Range> ranges = new ArrayList<>();
            SystemTable.done(system).ifPresent(times -> ranges.add(range(times, true)));
            Optional<Fetch> fetch = results.fetch(system.id());
            fetch.ifPresent(fetched -> ranges.add(range(fetched.done(), false)));
            if (!ranges.isEmpty()) {
                String label =
                        Stream.of(SystemTable.done(system), fetch.map(Fetch::done))
                                .flatMap(Optional::stream)
                                .map(times -> Say.millis(times.median()))
                                .collect(Collectors.joining(" \u00b7 "));
                rows.add(row(system, label, ranges));
            }
        }
        return new RowPlot(
                "latency",
                "Time of one action [ms]",
                rows,
                List.of(
                        new Bar(
                                results.verdict().fetchAndStart().bar(),
                                "100 ms: the paper's bar")),
                "From the request to the result, one action at a time; a ring and the second figure:"
                        + " its image fetched first, with nothing cached. Dots are medians, thick"
                        + " lines hold the middle half of the actions, thin ones go from the"
                        + " 5th percentile to the 99th.");
    }

    private static Range range(Times times, boolean filled) {
        return new Range(
                millis(times.p5()),
                millis(at(times, 25)),
                millis(times.median()),
                millis(at(times, 75)),
                millis(times.p99()),
                filled);
    }

    private static double at(Times times, double percentile) {
        boolean whole = times.curve().size() == Times.CURVE.size();
        return whole ? times.curve().get(Times.CURVE.indexOf(percentile)) : times.median();
    }

    // A time of nothing has no place on the axis.
    private static double millis(double micros) {
        return Math.max(micros / MICROS_A_MILLI, LEAST);
    }

    private static RowPlot throughput(Results results) {
        List<Row> rows = new ArrayList<>();
        for (SystemResult system : results.systems()) {
            double[] rates =
                    system.closed().stream()
                            .mapToDouble(closed -> closed.perSecond())
                            .filter(rate -> rate > 0)
                            .toArray();
            double peak = system.peak().map(Peak::perSecond).orElse(0.0);
            if (rates.length > 0 && peak > 0) {
                double least = DoubleStream.of(rates).min().orElse(peak);
                double most = Math.max(peak, DoubleStream.of(rates).max().orElse(peak));
                Range range = new Range(Math.min(least, peak), peak, peak, peak, most, true);
                rows.add(row(system, SystemTable.peak(system), List.of(range)));
            }
        }
        double rate = results.verdict().sustained().bar();
        return new RowPlot(
                "throughput",
                "Actions a second, at the peak [1/s]",
                rows,
                List.of(new Bar(rate, Say.exact(rate) + "/s: the paper's bar")),
                "Verified actions, cleaning included, with as many workers as do most. The line"
                        + " spans what fewer and more workers did.");
    }

    private static Row row(SystemResult system, String label, List<Range> ranges) {
        return new Row(system.id(), system.kind(), label, ranges);
    }
}
