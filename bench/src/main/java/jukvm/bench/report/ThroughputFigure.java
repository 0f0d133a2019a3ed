package jukvm.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jukvm.bench.report.Plot.Legend;
import jukvm.bench.report.Plot.Line;
import jukvm.bench.report.Plot.Named;
import jukvm.bench.report.Plot.Point;
import jukvm.bench.result.Closed;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;

/** Actions a second over the workers that ask for them. */
final class ThroughputFigure implements Figure {
    private static final double RATE = 125.23;

    @Override
    public String name() {
        return "throughput";
    }

    @Override
    public String caption() {
        return "Verified actions a second, cleaning included, with so many workers that each ask"
                + " for the next action when the last is done. What lies above the dashed line"
                + " pays for the paper's server.";
    }

    @Override
    public Optional<Plot> plot(Results results, Size size) {
        List<Line> lines = new ArrayList<>();
        List<Named> entries = new ArrayList<>();
        List<Double> rates = new ArrayList<>(List.of(RATE));
        List<Double> workers = new ArrayList<>();
        for (SystemResult system : results.systems()) {
            List<Point> points =
                    system.closed().stream()
                            .filter(closed -> closed.perSecond() > 0)
                            .map(closed -> new Point(closed.workers(), closed.perSecond()))
                            .toList();
            if (points.isEmpty()) {
                continue;
            }
            Look look = Look.of(results, system);
            lines.add(new Line(points, look.ink(), look.stroke(), look, true));
            entries.add(Plot.entry(system.id(), points.get(points.size() - 1), look, true));
            points.forEach(point -> rates.add(point.y()));
            system.closed().stream().map(Closed::workers).forEach(n -> workers.add((double) n));
        }
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        Axis x =
                Axis.at(
                        "workers at once, logarithmic",
                        workers.stream().distinct().sorted().toList());
        Point end = new Point(x.max(), RATE);
        Line bar = Plot.reference(new Point(x.min(), RATE), end);
        lines.add(0, bar);
        entries.add(new Named("125.23/s, paper", end, bar.look(), bar.color(), bar.stroke(), true));
        return Optional.of(
                new Plot(
                        name(),
                        "How many actions a second",
                        Figure.beside(results, true),
                        x,
                        Axis.log("actions [1/s], logarithmic", rates),
                        List.of(),
                        lines,
                        List.of(),
                        new Legend(Figure.ends(size), entries)));
    }
}
