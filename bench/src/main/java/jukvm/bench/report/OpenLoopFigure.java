package jukvm.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jukvm.bench.report.Plot.Legend;
import jukvm.bench.report.Plot.Line;
import jukvm.bench.report.Plot.Named;
import jukvm.bench.report.Plot.Note;
import jukvm.bench.report.Plot.Point;
import jukvm.bench.report.Plot.Side;
import jukvm.bench.result.Offered;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;

/** The 99th percentile over the rate at which requests come. */
final class OpenLoopFigure implements Figure {
    private static final double BAR_MILLIS = 100;

    @Override
    public String name() {
        return "open-loop";
    }

    @Override
    public String caption() {
        return "99th percentile of the time from when a request was to come to its result, at"
                + " rising rates; a queue counts in full. Rates with a cross did not hold: p99 was"
                + " over 100 ms, a backlog grew or an action failed.";
    }

    @Override
    public Optional<Plot> plot(Results results, Size size) {
        List<Line> lines = new ArrayList<>();
        List<Note> notes = new ArrayList<>();
        List<Named> entries = new ArrayList<>();
        List<Double> times = new ArrayList<>(List.of(BAR_MILLIS));
        List<Double> rates = new ArrayList<>();
        for (SystemResult system : results.systems()) {
            Look look = Look.of(results, system);
            List<Point> points = new ArrayList<>();
            for (Offered offered : system.offered()) {
                Point point = new Point(offered.rate(), Figure.millis(offered.p99()));
                points.add(point);
                times.add(point.y());
                rates.add(point.x());
                if (!offered.held()) {
                    notes.add(new Note("\u00d7", point, Side.ON, Look.TEXT, true));
                }
            }
            if (!points.isEmpty()) {
                lines.add(new Line(points, look.ink(), look.stroke(), look, true));
                entries.add(Plot.entry(system.id(), points.get(points.size() - 1), look, true));
            }
        }
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        Axis x =
                Axis.at(
                        "offered rate [1/s], logarithmic",
                        rates.stream().distinct().sorted().toList());
        Point end = new Point(x.max(), BAR_MILLIS);
        Line bar = Plot.reference(new Point(x.min(), BAR_MILLIS), end);
        lines.add(0, bar);
        entries.add(new Named("100 ms, paper", end, bar.look(), bar.color(), bar.stroke(), true));
        return Optional.of(
                new Plot(
                        name(),
                        "How long requests take that come when they come",
                        Figure.beside(results, false),
                        x,
                        Axis.log("p99 from intended arrival [ms], logarithmic", times),
                        List.of(),
                        lines,
                        notes,
                        new Legend(Figure.ends(size), entries)));
    }
}
