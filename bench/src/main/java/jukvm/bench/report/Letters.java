package jukvm.bench.report;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.font.FontRenderContext;
import java.util.ArrayList;
import java.util.List;

/** Text of plots: how large it is, and how it is painted. */
final class Letters {
    private static final FontRenderContext RENDERING = new FontRenderContext(null, true, true);
    private static final double LEADING = 1.3;
    private static final double BASE = 0.35;

    private final Font plain;

    /** Text of a size in pixels. */
    Letters(int size) {
        this.plain = new Font(Font.SANS_SERIF, Font.PLAIN, size);
    }

    /** Returns the same text of another size, relative to this one, bold or not. */
    Letters other(int more, boolean bold) {
        return new Letters(plain.deriveFont(bold ? Font.BOLD : Font.PLAIN, plain.getSize() + more));
    }

    private Letters(Font plain) {
        this.plain = plain;
    }

    /** Returns the distance between two lines, in pixels. */
    double line() {
        return plain.getSize() * LEADING;
    }

    /** Returns the width of the longest line of a text. */
    double width(String text) {
        return text.lines()
                .mapToDouble(line -> plain.getStringBounds(line, RENDERING).getWidth())
                .max()
                .orElse(0);
    }

    /** Returns a text in lines that are no wider, if its words are not. */
    List<String> wrapped(String text, double width) {
        List<String> lines = new ArrayList<>();
        StringBuilder line = new StringBuilder();
        for (String word : text.split(" ", -1)) {
            if (line.length() > 0 && width(line + " " + word) > width) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.length() == 0 ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    /** Paints a text whose lines begin at x, centred on y. */
    void right(Graphics2D g, String text, double x, double y, Color color) {
        paint(g, text, x, y, color, 0);
    }

    /** Paints a text whose lines end at x, centred on y. */
    void left(Graphics2D g, String text, double x, double y, Color color) {
        paint(g, text, x, y, color, 1);
    }

    /** Paints a text centred on x and y. */
    void centred(Graphics2D g, String text, double x, double y, Color color) {
        paint(g, text, x, y, color, 0.5);
    }

    private void paint(Graphics2D g, String text, double x, double y, Color color, double share) {
        List<String> lines = text.lines().toList();
        double top = y - (lines.size() - 1) * line() / 2 + plain.getSize() * BASE;
        g.setFont(plain);
        g.setColor(color);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            double from = x - width(line) * share;
            g.drawString(line, rounded(from), rounded(top + i * line()));
        }
    }

    // Tenths of a pixel: more only makes the document longer.
    private static float rounded(double pixels) {
        return Math.round(pixels * 10) / 10f;
    }
}
