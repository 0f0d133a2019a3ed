package jukvm.bench.report;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import jukvm.bench.report.Plot.Legend;
import jukvm.bench.report.Plot.Line;
import jukvm.bench.report.Plot.Named;
import jukvm.bench.report.Plot.Note;
import jukvm.bench.report.Plot.Point;
import jukvm.bench.report.Plot.Side;
import jukvm.bench.report.Plot.Where;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.Times;

/** Which share of actions was done in which time. */
final class CdfFigure implements Figure {
    // Where numbers stand on the curves: neighbours at different heights.
    private static final int[] HEIGHTS = {50, 70, 30, 60, 40, 80, 20};

    @Override
    public String name() {
        return "cdf";
    }

    @Override
    public String caption() {
        return "Share of actions that were done in at most so long: the steeper a curve, the more"
                + " alike the actions; what bends to the right at the top is the tail. Numbers on"
                + " the curves are those of the list, fastest median first.";
    }

    @Override
    public Optional<Plot> plot(Results results, Size size) {
        List<SystemResult> shown =
                results.systems().stream()
                        .filter(system -> curve(system).size() == Times.CURVE.size())
                        .sorted(Comparator.comparingDouble(CdfFigure::median))
                        .toList();
        if (shown.isEmpty()) {
            return Optional.empty();
        }
        List<Line> lines = new ArrayList<>();
        List<Note> notes = new ArrayList<>();
        List<Named> entries = new ArrayList<>();
        List<Double> all = new ArrayList<>(List.of(100.0));
        for (SystemResult system : shown) {
            Look look = Look.of(results, system).unmarked();
            List<Point> points = new ArrayList<>();
            for (int i = 0; i < Times.CURVE.size(); i++) {
                double millis = Figure.millis(curve(system).get(i));
                points.add(new Point(millis, Times.CURVE.get(i)));
                all.add(millis);
            }
            lines.add(new Line(points, look.ink(), look.stroke(), look, false));
            int place = entries.size();
            int height = Times.CURVE.indexOf((double) HEIGHTS[place % HEIGHTS.length]);
            notes.add(new Note("" + (place + 1), points.get(height), Side.OVER, look.ink(), true));
            entries.add(Plot.entry(system.id(), points.get(height), look, true));
        }
        Axis x = Axis.log("request to result [ms], logarithmic", all);
        lines.add(Plot.reference(new Point(100, 0), new Point(100, 100)));
        notes.add(new Note("100 ms", new Point(100, 100), Side.ABOVE, Look.BAR, true));
        return Optional.of(
                new Plot(
                        name(),
                        "How the times of one action are spread",
                        Figure.beside(results, false),
                        x,
                        Axis.percent("actions done [%]"),
                        List.of(),
                        lines,
                        notes,
                        new Legend(size.narrow() ? Where.BELOW : Where.RIGHT, entries)));
    }

    private static List<Double> curve(SystemResult system) {
        return system.latency().map(latency -> latency.done().curve()).orElse(List.of());
    }

    private static double median(SystemResult system) {
        return system.latency().orElseThrow().done().median();
    }
}
