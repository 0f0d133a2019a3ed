package jukvm.bench.report;

import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import jukvm.bench.report.Axis.Tick;
import jukvm.bench.report.Plot.Named;
import jukvm.bench.report.Plot.Note;
import jukvm.bench.report.Plot.Side;
import jukvm.bench.report.Plot.Where;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A plot of a size, ready to be painted on anything. */
final class Painter {
    private static final int MARKER = 7;

    private final Plot plot;
    private final Size size;
    private final Letters text;
    private final Letters title;
    private final Letters small;
    private final List<String> titleLines;
    private final List<String> besideLines;
    private final Frame frame;

    Painter(Plot plot, Size size) {
        this.plot = plot;
        this.size = size;
        this.text = new Letters(size.font());
        this.title = text.other(3, true);
        this.small = text.other(-1, false);
        int width = size.width() - 2 * Frame.GAP;
        this.titleLines = title.wrapped(plot.title(), width);
        this.besideLines = small.wrapped(plot.beside(), width);
        double above =
                Frame.GAP * 2
                        + titleLines.size() * title.line()
                        + besideLines.size() * small.line()
                        + text.line();
        this.frame = Frame.of(plot, size, text, above);
    }

    int width() {
        return frame.width();
    }

    int height() {
        return frame.height();
    }

    /** Paints the plot from 0, 0 to its width and height. */
    void paint(Graphics2D g) {
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, frame.width(), frame.height());
        AffineTransform before = g.getTransform();
        g.translate(frame.left(), frame.top());
        Curves.of(plot, frame, size.narrow() ? MARKER - 2 : MARKER)
                .paint(g, frame.across(), frame.down());
        g.setTransform(before);
        // XChart turns these off again when it is done.
        g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        g.setRenderingHint(
                RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        head(g);
        axes(g);
        plot.notes().forEach(note -> note(g, note));
        if (plot.key().where().ends()) {
            ends(g);
        }
        if (plot.key().where().below() || plot.key().where() == Where.RIGHT) {
            list(g);
        }
    }

    private void head(Graphics2D g) {
        double y = Frame.GAP + title.line() / 2;
        for (String line : titleLines) {
            title.right(g, line, Frame.GAP, y, Look.TEXT);
            y += title.line();
        }
        y += (small.line() - title.line()) / 2;
        for (String line : besideLines) {
            small.right(g, line, Frame.GAP, y, Look.FAINT);
            y += small.line();
        }
    }

    private void axes(Graphics2D g) {
        double bottom = frame.top() + frame.down();
        double lines = 1;
        for (Tick tick : plot.x().ticks()) {
            double rows = tick.label().lines().count();
            double y = bottom + Frame.GAP + text.line() * rows / 2;
            text.centred(g, tick.label(), frame.x(plot, tick.value()), y, Look.TEXT);
            lines = Math.max(lines, rows);
        }
        for (Tick tick : plot.y().ticks()) {
            double y = frame.y(plot, tick.value());
            text.left(g, tick.label(), frame.left() - Frame.GAP, y, Look.TEXT);
        }
        double middle = frame.left() + frame.across() / 2.0;
        double below = bottom + Frame.GAP * 1.6 + text.line() * (lines + 0.5);
        text.centred(g, plot.x().title(), middle, below, Look.TEXT);
        AffineTransform before = g.getTransform();
        g.translate(Frame.GAP + text.line() / 2, frame.top() + frame.down() / 2.0);
        g.rotate(-Math.PI / 2);
        text.centred(g, plot.y().title(), 0, 0, Look.TEXT);
        g.setTransform(before);
    }

    private void note(Graphics2D g, Note note) {
        Letters letters = text.other(-1, note.bold());
        double x = frame.x(plot, note.at().x());
        double y = frame.y(plot, note.at().y());
        double width = letters.width(note.text());
        double height = note.text().lines().count() * letters.line();
        double left =
                switch (note.side()) {
                    case RIGHT -> x + Frame.GAP / 2.0;
                    case ABOVE, OVER, ON -> x - width / 2;
                };
        double middle = note.side() == Side.ABOVE ? y - height / 2 - 3 : y;
        if (note.side() != Side.ON) {
            g.setColor(Color.WHITE);
            g.fill(
                    new Rectangle2D.Double(
                            left - 1, middle - height / 2 + 1, width + 2, height - 2));
        }
        letters.centred(g, note.text(), left + width / 2, middle, note.color());
    }

    // Names, or numbers that stand for them, beside the ends, from top to bottom.
    private void ends(Graphics2D g) {
        List<Named> entries = ordered();
        double[] places =
                entries.stream().mapToDouble(entry -> frame.y(plot, entry.at().y())).toArray();
        spread(places, text.line() * 0.95, frame.top(), frame.top() + frame.down());
        double edge = frame.left() + (double) frame.across();
        for (int i = 0; i < entries.size(); i++) {
            Named entry = entries.get(i);
            double x = frame.x(plot, entry.at().x());
            double y = frame.y(plot, entry.at().y());
            g.setColor(entry.color());
            g.setStroke(Look.stroke(0.7));
            double reach = size.narrow() ? 4 : Frame.GAP * 2;
            g.draw(new Line2D.Double(x, y, edge, y));
            g.draw(new Line2D.Double(edge, y, edge + reach, places[i]));
            String name = plot.key().where().below() ? "" + (i + 1) : entry.name();
            text.right(g, name, edge + reach + 3, places[i], shade(entry.color()));
        }
    }

    private List<Named> ordered() {
        List<Named> entries = new ArrayList<>(plot.key().entries());
        if (plot.key().where().ends()) {
            entries.sort(Comparator.comparingDouble(entry -> frame.y(plot, entry.at().y())));
        }
        return entries;
    }

    // Pushes places apart, evenly to both sides, in the order they have, and within bounds.
    private static void spread(double[] places, double apart, double least, double most) {
        for (int round = 0; round < 500 && places.length > 0; round++) {
            boolean moved = false;
            places[0] = Math.max(places[0], least);
            places[places.length - 1] = Math.min(places[places.length - 1], most);
            for (int i = 1; i < places.length; i++) {
                double lack = apart - (places[i] - places[i - 1]);
                if (lack > 0.05) {
                    places[i - 1] -= lack / 2;
                    places[i] += lack / 2;
                    moved = true;
                }
            }
            if (!moved) {
                return;
            }
        }
    }

    private void list(Graphics2D g) {
        boolean below = plot.key().where().below();
        List<Named> entries = ordered();
        int rows = (entries.size() + frame.columns() - 1) / frame.columns();
        double step = text.line() * (below ? 1.1 : 1.5);
        double left = below ? Frame.GAP : frame.left() + frame.across() + Frame.GAP * 2;
        double top = frame.top() + step / 2;
        if (below) {
            top = frame.height() - rows * step;
        }
        double column = (frame.width() - Frame.GAP) / (double) frame.columns();
        for (int i = 0; i < entries.size(); i++) {
            Named entry = entries.get(i);
            int beside = i / rows; // Columns before this one: none, if the list is not below.
            double x = left + beside * column;
            double y = top + (i - beside * rows) * step;
            sample(g, entry, x, y);
            String name = (i + 1) + " " + entry.name();
            text.right(g, name, x + Frame.SAMPLE + Frame.GAP, y, Look.TEXT);
        }
    }

    private void sample(Graphics2D g, Named entry, double x, double y) {
        Line2D line = new Line2D.Double(x, y, x + Frame.SAMPLE, y);
        g.setColor(entry.color());
        if (entry.line()) {
            g.setStroke(entry.stroke());
            g.draw(line);
            if (entry.look().marker() != SeriesMarkers.NONE) {
                entry.look().marker().paint(g, x + Frame.SAMPLE / 2.0, y, MARKER - 1);
            }
            return;
        }
        double thick = size.font();
        g.setStroke(Look.stroke(thick));
        g.draw(line);
        Line2D within = new Line2D.Double(x + 1, y, x + Frame.SAMPLE - 1, y);
        g.setColor(entry.look().fill());
        g.setStroke(Look.stroke(thick - 2));
        g.draw(within);
        if (!entry.look().stripe().isEmpty()) {
            g.setColor(entry.look().ink());
            g.setStroke(Look.stroke(thick - 2, entry.look().stripe()));
            g.draw(within);
        }
    }

    // Light colours are too faint for letters.
    private static Color shade(Color color) {
        return color.getGreen() > 0x80 ? color.darker() : color;
    }
}
