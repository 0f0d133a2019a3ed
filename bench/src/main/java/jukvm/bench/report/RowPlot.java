package jukvm.bench.report;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import jukvm.bench.result.SystemResult.Kind;

/**
 * A plot as SVG: a row for each system, on one logarithmic axis. Its letters are the reader's own
 * fonts, so drawing needs none and gives the same bytes everywhere.
 *
 * @param name of its file, without its ending
 * @param title what is shown, with the unit
 * @param rows from top to bottom
 * @param bars values that rows are held against
 * @param caption what is to be seen in it
 */
record RowPlot(String name, String title, List<Row> rows, List<Bar> bars, String caption) {
    private static final String NAMESPACE = "http://www.w3.org/2000/svg";
    private static final int WIDTH = 960;
    private static final int MARGIN = 14;
    private static final int LEFT = 140;
    private static final int RIGHT = WIDTH - 120;
    private static final int LINE = 18;
    private static final int APART = 11;
    private static final String TEXT = "#1a1a1a";
    private static final String BAR = "#b00020";

    /**
     * A row.
     *
     * @param label its figures, in words
     */
    record Row(String name, Kind kind, String label, List<Range> ranges) {}

    /**
     * Where values lie: a thin line from the least to the most, a thick one where half of them are,
     * and a dot; all above 0.
     *
     * @param filled whether the dot is; else it is a ring
     */
    record Range(double least, double low, double dot, double high, double most, boolean filled) {}

    /** A value that rows are held against; names are short. */
    record Bar(double value, String name) {}

    /** Returns the drawing. */
    String svg() {
        return new Drawing(this).svg();
    }

    private static final class Drawing {
        private final RowPlot plot;
        private final int top;
        private final int least;
        private final int most;
        private final Html svg = new Html("");

        Drawing(RowPlot plot) {
            this.plot = plot;
            top = LINE * (plot.bars.size() + 1) + LINE / 2;
            least = (int) Math.floor(Math.log10(values().min(Double::compare).orElse(1.0)));
            int ceiling = (int) Math.ceil(Math.log10(values().max(Double::compare).orElse(10.0)));
            most = Math.max(least + 1, ceiling);
        }

        private Stream<Double> values() {
            return Stream.concat(
                    plot.bars.stream().map(Bar::value),
                    plot.rows.stream()
                            .flatMap(row -> row.ranges.stream())
                            .flatMap(range -> Stream.of(range.least, range.most)));
        }

        String svg() {
            int bottom = top + plot.rows.stream().mapToInt(this::height).sum();
            int height = bottom + LINE + LINE / 2;
            String size = "0 0 " + WIDTH + " " + height;
            svg.open(
                    "svg", "xmlns", NAMESPACE, "viewBox", size, "width", "" + WIDTH, "role", "img");
            svg.element("title", plot.caption);
            svg.open("g", "font-family", "system-ui, sans-serif", "font-size", "13");
            draw("<rect width='%d' height='%d' fill='#fff'/>", WIDTH, height);
            text(0, LINE * 0.75, "start", TEXT, "700", plot.title);
            grid(bottom);
            bars(bottom);
            int y = top;
            for (Row row : plot.rows) {
                row(row, y);
                y += height(row);
            }
            return svg.close().close().page();
        }

        private int height(Row row) {
            return APART * (row.ranges.size() + 1);
        }

        private void grid(int bottom) {
            for (int decade = least; decade <= most; decade++) {
                double value = Math.pow(10, decade);
                line(x(value), top, x(value), bottom, "#bbb", 1, "");
                for (int i = 2; i < 10 && decade < most; i++) {
                    line(x(i * value), top, x(i * value), bottom, "#ececec", 1, "");
                }
                String form = "%,." + Math.max(0, -decade) + "f";
                String label = String.format(Locale.ROOT, form, value);
                text(x(value), bottom + LINE, "middle", TEXT, "400", label);
            }
        }

        private void bars(int bottom) {
            for (int i = 0; i < plot.bars.size(); i++) {
                Bar bar = plot.bars.get(i);
                double x = x(bar.value);
                double y = LINE * (i + 1.8);
                line(x, y + 5, x, bottom, BAR, 1.5, "5 4");
                boolean before = x > (LEFT + RIGHT) / 2.0;
                text(x + (before ? 4 : -4), y, before ? "end" : "start", BAR, "600", bar.name);
            }
        }

        private void row(Row row, int from) {
            double y = from + APART;
            double text = from + height(row) / 2.0 + 4;
            line(0, from, WIDTH, from, "#e4e4e4", 1, "");
            text(LEFT - MARGIN, text, "end", TEXT, "600", row.name);
            text(RIGHT + MARGIN, text, "start", TEXT, "400", row.label);
            for (Range range : row.ranges) {
                range(range, y, color(row.kind));
                y += APART;
            }
        }

        private void range(Range range, double y, String color) {
            line(x(range.least), y, x(range.most), y, color, 1.5, "");
            line(x(range.low), y, x(range.high), y, color, 6, "");
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
                double x,
                double y,
                double toX,
                double toY,
                String color,
                double thick,
                String dash) {
            String form =
                    "<line x1='%.1f' y1='%.1f' x2='%.1f' y2='%.1f' stroke='%s' stroke-width='%.1f'"
                            + " stroke-dasharray='%s'/>";
            draw(form, x, y, toX, toY, color, thick, dash.isEmpty() ? "none" : dash);
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
