package jukvm.bench.report;

import java.awt.BasicStroke;
import java.awt.Color;
import java.util.List;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.SystemResult.Kind;
import org.knowm.xchart.style.markers.Marker;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * How a system looks. Its kind gives the colour, and each colour has a lightness of its own; its
 * place among its kind gives dashes and marker. So systems can be told apart in grey, too.
 *
 * @param ink of lines, outlines and stripes
 * @param fill of bars
 * @param stripe widths of a stripe and of the gap after it, in pixels; empty for an even fill
 * @param dash of lines, in pixels; empty for a solid line
 * @param marker of points
 */
record Look(Color ink, Color fill, List<Integer> stripe, List<Integer> dash, Marker marker) {
    /** Of text and axes. */
    static final Color TEXT = new Color(0x1a1a1a);

    /** Of what is said beside. */
    static final Color FAINT = new Color(0x555555);

    /** Of the lines of the grid. */
    static final Color GRID = new Color(0xdddddd);

    /** Of the bars of the paper. */
    static final Color BAR = new Color(0xb00020);

    private static final List<Integer> NONE = List.of();
    private static final List<List<Integer>> DASHES =
            List.of(NONE, List.of(7, 3), List.of(2, 3), List.of(9, 3, 2, 3), List.of(4, 2));
    private static final Marker[] MARKERS = {
        SeriesMarkers.CIRCLE,
        SeriesMarkers.SQUARE,
        SeriesMarkers.TRIANGLE_UP,
        SeriesMarkers.DIAMOND,
        SeriesMarkers.TRIANGLE_DOWN
    };

    // Phases: from dark to light and back, striped every other time.
    private static final List<Look> PHASES =
            List.of(
                    plain(0x123f66, 0x123f66, NONE),
                    plain(0xb8480b, 0xf6c9a8, List.of(2, 4)),
                    plain(0x4a4a4a, 0xf2f2f2, NONE),
                    plain(0x3f6b1d, 0x9dbb80, List.of(5, 5)),
                    plain(0x555555, 0xc4c4c4, NONE),
                    plain(0x6a3d8a, 0xe6d8ef, List.of(1, 3)));

    private static Look plain(int ink, int fill, List<Integer> stripe) {
        return new Look(new Color(ink), new Color(fill), stripe, NONE, SeriesMarkers.NONE);
    }

    /** Returns how a system looks among all that were measured. */
    static Look of(Results results, SystemResult system) {
        int place = 0;
        for (SystemResult other : results.systems()) {
            if (other.id().equals(system.id())) {
                break;
            }
            place += other.kind() == system.kind() ? 1 : 0;
        }
        return of(system.kind(), place % DASHES.size());
    }

    private static Look of(Kind kind, int place) {
        List<Integer> dash = DASHES.get(place);
        Marker marker = MARKERS[place];
        return switch (kind) {
            case PROCESS -> new Look(new Color(0x111111), new Color(0x2b2b2b), NONE, dash, marker);
            case CONTAINER ->
                    new Look(new Color(0xc8560f), new Color(0xf8d3b8), List.of(2, 4), dash, marker);
            case TENDER ->
                    new Look(new Color(0x6f9a3e), new Color(0xc9dcb3), List.of(6, 5), dash, marker);
            case JUKVM -> new Look(new Color(0x14539a), new Color(0x5b96d6), NONE, dash, marker);
        };
    }

    /** Returns how the phase at a place, from 0, looks. */
    static Look phase(int place) {
        return PHASES.get(place % PHASES.size());
    }

    /** Returns the same look without a marker. */
    Look unmarked() {
        return new Look(ink, fill, stripe, dash, SeriesMarkers.NONE);
    }

    /** Returns the stroke of the system's lines. */
    BasicStroke stroke() {
        return stroke(2, dash);
    }

    /** Returns a stroke with square ends, of a width in pixels. */
    static BasicStroke stroke(double width) {
        return new BasicStroke((float) width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER);
    }

    /** Returns the same with dashes and gaps of these lengths; solid, if there are none. */
    static BasicStroke stroke(double width, List<Integer> dash) {
        if (dash.isEmpty()) {
            return stroke(width);
        }
        float[] lengths = new float[dash.size()];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = dash.get(i);
        }
        return new BasicStroke(
                (float) width, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 10, lengths, 0);
    }
}
