package jukvm.bench.report;

import java.util.List;
import jukvm.bench.report.Axis.Tick;
import jukvm.bench.report.Plot.Named;
import jukvm.bench.report.Plot.Point;

/**
 * Where the parts of a plot lie, in pixels.
 *
 * @param width of the whole
 * @param height of the whole
 * @param left of the area between the axes
 * @param top of it
 * @param across width of it
 * @param down height of it
 * @param columns of the list of names below
 */
record Frame(int width, int height, int left, int top, int across, int down, int columns) {
    /** Between things. */
    static final int GAP = 8;

    /** Width of a sample of a line. */
    static final int SAMPLE = 34;

    private static final int BADGE = 22;

    /** Returns the frame of a plot whose text above takes so many pixels. */
    static Frame of(Plot plot, Size size, Letters text, double above) {
        double labels = widest(plot.y().ticks(), text);
        int left = (int) Math.ceil(GAP * 2.5 + text.line() + labels);
        int across = size.width() - left - right(plot.key(), text);
        int row = (int) (text.line() * 2 + GAP);
        int down = plot.y().grid() ? size.area() : plot.y().ticks().size() * row;
        long lines =
                plot.x().ticks().stream().mapToLong(t -> t.label().lines().count()).max().orElse(1);
        double below = GAP + text.line() * (lines + 1) + GAP;
        int columns = 1;
        if (plot.key().where().below()) {
            columns = (int) Math.max(1, (size.width() - GAP) / entryWidth(plot.key(), text));
            int rows = (plot.key().entries().size() + columns - 1) / columns;
            below += GAP + rows * text.line() * 1.1;
        }
        int top = (int) Math.ceil(above);
        int height = top + down + (int) Math.ceil(below);
        return new Frame(size.width(), height, left, top, across, down, columns);
    }

    private static double widest(List<Tick> ticks, Letters text) {
        return ticks.stream().mapToDouble(tick -> text.width(tick.label())).max().orElse(0);
    }

    private static double entryWidth(Plot.Legend key, Letters text) {
        return SAMPLE + BADGE + 2 * GAP + names(key, text);
    }

    private static double names(Plot.Legend key, Letters text) {
        return key.entries().stream().map(Named::name).mapToDouble(text::width).max().orElse(0);
    }

    private static int right(Plot.Legend key, Letters text) {
        return (int)
                Math.ceil(
                        switch (key.where()) {
                            case NOWHERE -> GAP * 2;
                            case AT_ENDS -> 4 * GAP + names(key, text);
                            case RIGHT -> SAMPLE + BADGE + 3 * GAP + names(key, text);
                            case NUMBERED -> BADGE + GAP;
                            case BELOW -> GAP * 2;
                        });
    }

    /** Returns where a value of the x axis lies. */
    double x(Plot plot, double value) {
        return left + plot.x().share(value) * across;
    }

    /** Returns where a value of the y axis lies. */
    double y(Plot plot, double value) {
        return top + (1 - plot.y().share(value)) * down;
    }

    /** Returns the distance in pixels between two places. */
    double distance(Plot plot, Point from, Point to) {
        return Math.hypot(x(plot, to.x()) - x(plot, from.x()), y(plot, to.y()) - y(plot, from.y()));
    }
}
