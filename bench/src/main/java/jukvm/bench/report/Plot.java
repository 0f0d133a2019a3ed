package jukvm.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import java.util.stream.Stream;

/**
 * A plot, before it is painted. All places in it are values of its axes.
 *
 * @param name of its files, without their endings
 * @param title what is shown
 * @param beside what was measured where, and what the axes are
 * @param x the axis from left to right
 * @param y the axis from bottom to top
 * @param bars painted first
 * @param lines painted over them
 * @param notes painted over all
 * @param key names of what is shown
 */
record Plot(
        String name,
        String title,
        String beside,
        Axis x,
        Axis y,
        List<Bar> bars,
        List<Line> lines,
        List<Note> notes,
        Legend key) {
    /**
     * A bar along one of the axes.
     *
     * @param from its two ends
     * @param to its two ends
     * @param thick how much of the other axis it takes
     */
    record Bar(Point from, Point to, double thick, Look look) {}

    /** A place. */
    record Point(double x, double y) {}

    /**
     * A line through points.
     *
     * @param marked whether each point is
     */
    record Line(List<Point> points, Color color, BasicStroke stroke, Look look, boolean marked) {}

    /** Where a text lies, seen from its place. */
    enum Side {
        /** To the right of it. */
        RIGHT,
        /** Centred above it. */
        ABOVE,
        /** Centred on it, on white. */
        OVER,
        /** Centred on it, on what is there. */
        ON
    }

    /** A text at a place; a line break in it begins another line. */
    record Note(String text, Point at, Side side, Color color, boolean bold) {}

    /** Where names are. */
    enum Where {
        /** There are none, or they are on the axes. */
        NOWHERE,
        /** Beside the right end of what they name. */
        AT_ENDS,
        /** Numbers beside the ends, and a list below that says what they mean. */
        NUMBERED,
        /** In a list to the right. */
        RIGHT,
        /** In a list below. */
        BELOW;

        /** Returns whether there is something at the ends of what is named. */
        boolean ends() {
            return this == AT_ENDS || this == NUMBERED;
        }

        /** Returns whether there is a list below. */
        boolean below() {
            return this == BELOW || this == NUMBERED;
        }
    }

    /** Names of what is shown. */
    record Legend(Where where, List<Named> entries) {}

    /**
     * A name.
     *
     * @param at the end of what it names
     * @param line whether it names a line; else it names bars
     */
    record Named(String name, Point at, Look look, Color color, BasicStroke stroke, boolean line) {}

    /** Returns an entry for a system's or a phase's look. */
    static Named entry(String name, Point at, Look look, boolean line) {
        return new Named(name, at, look, look.ink(), look.stroke(), line);
    }

    /** Returns the line of a bar of the paper. */
    static Line reference(Point from, Point to) {
        BasicStroke stroke = Look.stroke(1.5, List.of(6, 4));
        return new Line(List.of(from, to), Look.BAR, stroke, Look.phase(0), false);
    }

    /** Returns the same plot with further notes. */
    Plot with(List<Note> more) {
        List<Note> all = Stream.concat(notes.stream(), more.stream()).toList();
        return new Plot(name, title, beside, x, y, bars, lines, all, key);
    }
}
