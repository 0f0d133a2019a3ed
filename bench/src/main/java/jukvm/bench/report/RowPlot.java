package jukvm.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import jukvm.bench.result.Fetch;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.SystemResult.Closed;
import jukvm.bench.result.SystemResult.Kind;
import jukvm.bench.result.SystemResult.Peak;
import jukvm.bench.result.Times;

/**
 * A plot as SVG: a row for each system, on one logarithmic axis. Its letters are the reader's own
 * fonts, so drawing needs none and gives the same bytes everywhere.
 *
 * @param name of its file, without its ending
 * @param title what is shown, with the unit
 * @param rows from top to bottom
 * @param bar value that rows are held against
 * @param barName what it is
 * @param caption what is to be seen in it
 */
record RowPlot(
        String name, String title, List<Row> rows, double bar, String barName, String caption) {
    private static final String NAMESPACE = "http://www.w3.org/2000/svg";
    private static final int WIDTH = 960;
    private static final int MARGIN = 14;
    private static final int LEFT = 140;
    private static final int RIGHT = WIDTH - 120;
    private static final int LINE = 18;
    private static final int TOP = 2 * LINE + LINE / 2;
    private static final int APART = 11;
    private static final String TEXT = "#1a1a1a";
    private static final String BAR = "#b00020";

    /** A system with its figures in words, and where they lie. */
    record Row(SystemResult system, String label, List<Range> ranges) {
        int height() {
            return APART * (ranges.size() + 1);
        }
    }

    /**
     * Where values lie: a thin line from the least to the most, a thick one where half of them are,
     * and a dot; all above 0.
     *
     * @param filled whether the dot is; else it is a ring
     */
    record Range(double least, double low, double dot, double high, double most, boolean filled) {}

    /** Returns the plots of what was measured. */
    static List<RowPlot> of(Results results) {
        return Stream.of(latency(results), throughput(results), answers(results))
                .filter(plot -> !plot.rows.isEmpty())
                .toList();
    }

    private static RowPlot latency(Results results) {
        List<Row> rows = new ArrayList<>();
        for (SystemResult system : SystemTable.greeting(results)) {
            List<Range> ranges = new ArrayList<>();
            Optional<Times> done = SystemTable.done(system);
            Optional<Times> fetched = results.fetch(system.id()).map(Fetch::done);
            done.ifPresent(times -> ranges.add(range(times, true)));
            fetched.ifPresent(times -> ranges.add(range(times, false)));
            String label =
                    Stream.of(done, fetched)
                            .flatMap(Optional::stream)
                            .map(times -> Say.millis(times.median()))
                            .collect(Collectors.joining(" \u00b7 "));
            if (!ranges.isEmpty()) {
                rows.add(new Row(system, label, ranges));
            }
        }
        return new RowPlot(
                "latency",
                "Time of one action [ms]",
                rows,
                results.verdict().fetchAndStart().bar(),
                "100 ms: the paper's bar",
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
        return Math.max(micros / 1000, 1e-6);
    }

    private static RowPlot answers(Results results) {
        List<Row> rows = new ArrayList<>();
        for (SystemResult system : SystemTable.answering(results)) {
            if (system.latency().isPresent()) {
                Times done = system.latency().get().done();
                Times free = system.latency().get().free();
                List<Range> ranges = List.of(range(done, true), range(free, false));
                rows.add(new Row(system, Say.millis(done.median()), ranges));
            }
        }
        return new RowPlot(
                "answers",
                "Answer over HTTP [ms]",
                rows,
                results.verdict().fetchAndStart().bar(),
                "100 ms: the paper's bar",
                "From the request to the whole answer of an instance started for it, one at a time;"
                        + " a ring: until that has ended and given everything back.");
    }

    private static RowPlot throughput(Results results) {
        List<Row> rows = new ArrayList<>();
        for (SystemResult system : SystemTable.greeting(results)) {
            double peak = system.peak().map(Peak::perSecond).orElse(0.0);
            if (peak > 0) {
                double[] rates =
                        DoubleStream.concat(
                                        DoubleStream.of(peak),
                                        system.closed().stream().mapToDouble(Closed::perSecond))
                                .filter(rate -> rate > 0)
                                .sorted()
                                .toArray();
                double most = rates[rates.length - 1];
                Range range = new Range(rates[0], peak, peak, peak, most, true);
                rows.add(new Row(system, Say.number(peak), List.of(range)));
            }
        }
        double rate = results.verdict().sustained().bar();
        return new RowPlot(
                "throughput",
                "Actions a second, at the peak [1/s]",
                rows,
                rate,
                Say.exact(rate) + "/s: the paper's bar",
                "Verified actions, cleaning included, with as many workers as do most. The line"
                        + " spans what fewer and more workers did.");
    }

    /** Returns the drawing. */
    String svg() {
        return new Drawing().svg();
    }

    private final class Drawing {
        private final Html svg = new Html("");
        private final int bottom = TOP + rows.stream().mapToInt(Row::height).sum();
        // Powers of ten at the ends of the axis.
        private final int least;
        private final int most;

        Drawing() {
            double[] values =
                    rows.stream()
                            .flatMap(row -> row.ranges.stream())
                            .flatMapToDouble(range -> DoubleStream.of(range.least, range.most, bar))
                            .sorted()
                            .toArray();
            least = (int) Math.floor(Math.log10(values[0]));
            most = Math.max(least + 1, (int) Math.ceil(Math.log10(values[values.length - 1])));
        }

        String svg() {
            int height = bottom + LINE + LINE / 2;
            String size = "0 0 " + WIDTH + " " + height;
            svg.open(
                    "svg", "xmlns", NAMESPACE, "viewBox", size, "width", "" + WIDTH, "role", "img");
            svg.element("title", caption);
            svg.open("g", "font-family", "system-ui, sans-serif", "font-size", "13");
            draw("<rect width='%d' height='%d' fill='#fff'/>", WIDTH, height);
            text(0, LINE * 0.75, "start", TEXT, "700", title);
            grid();
            bar();
            int y = TOP;
            for (Row row : rows) {
                row(row, y);
                y += row.height();
            }
            return svg.close().close().page();
        }

        private void grid() {
            for (int decade = least; decade <= most; decade++) {
                double value = Math.pow(10, decade);
                line(x(value), TOP, x(value), bottom, "#bbb", 1, "none");
                for (int i = 2; i < 10 && decade < most; i++) {
                    line(x(i * value), TOP, x(i * value), bottom, "#ececec", 1, "none");
                }
                String form = "%,." + Math.max(0, -decade) + "f";
                String label = String.format(Locale.ROOT, form, value);
                text(x(value), bottom + LINE, "middle", TEXT, "400", label);
            }
        }

        private void bar() {
            double x = x(bar);
            double y = LINE * 1.8;
            line(x, y + 5, x, bottom, BAR, 1.5, "5 4");
            boolean before = x > (LEFT + RIGHT) / 2.0;
            text(x + (before ? 4 : -4), y, before ? "end" : "start", BAR, "600", barName);
        }

        private void row(Row row, int from) {
            double y = from + APART;
            double text = from + row.height() / 2.0 + 4;
            line(0, from, WIDTH, from, "#e4e4e4", 1, "none");
            text(LEFT - MARGIN, text, "end", TEXT, "600", row.system.id());
            text(RIGHT + MARGIN, text, "start", TEXT, "400", row.label);
            for (Range range : row.ranges) {
                range(range, y, color(row.system.kind()));
                y += APART;
            }
        }

        private void range(Range range, double y, String color) {
            line(x(range.least), y, x(range.most), y, color, 1.5, "none");
            line(x(range.low), y, x(range.high), y, color, 6, "none");
            draw(
                    "<circle cx='%.1f' cy='%.1f' r='4' fill='%s' stroke='%s' stroke-width='1.5'/>",
                    x(range.dot), y, range.filled ? color : "#fff", range.filled ? "#fff" : color);
        }

        private static String color(Kind kind) {
            return switch (kind) {
                case PROCESS -> "#2b2b2b";
                case CONTAINER -> "#c8560f";
                case TENDER -> "#5b8a2c";
                case JUKVM -> "#14539a";
            };
        }

        private double x(double value) {
            double share = (Math.log10(value) - least) / (most - least);
            return LEFT + share * (RIGHT - LEFT);
        }

        private void line(
                double x, double y, double toX, double toY, String color, double w, String dash) {
            draw(
                    "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s' stroke-width='%.1f'"
                            + " stroke-dasharray='%s'/>",
                    x, y, toX, toY, color, w, dash);
        }

        private void text(
                double x, double y, String anchor, String color, String weight, String text) {
            String form = "<g transform='translate(%.1f %.1f)' text-anchor='%s' fill='%s'>";
            draw(form, x, y, anchor, color);
            svg.element("text", text, "font-weight", weight).markup("</g>\n");
        }

        // Numbers and words of our own alone.
        private void draw(String form, Object... values) {
            svg.markup(String.format(Locale.ROOT, form, values)).markup("\n");
        }
    }
}
