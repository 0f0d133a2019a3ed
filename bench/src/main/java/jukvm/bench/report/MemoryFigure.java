package jukvm.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jukvm.bench.report.Plot.Legend;
import jukvm.bench.report.Plot.Line;
import jukvm.bench.report.Plot.Named;
import jukvm.bench.report.Plot.Point;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;

/** Memory of an idle instance over how many there are. */
final class MemoryFigure implements Figure {
    @Override
    public String name() {
        return "memory";
    }

    @Override
    public String caption() {
        return "Memory of an instance that has printed its greeting and waits: proportional set"
                + " size, so what instances share is shared out among them; of the library, what"
                + " the JVM grew by. A curve that falls has a fixed part that more"
                + " instances share.";
    }

    @Override
    public Optional<Plot> plot(Results results, Size size) {
        List<Line> lines = new ArrayList<>();
        List<Named> entries = new ArrayList<>();
        List<Double> sizes = new ArrayList<>();
        List<Double> counts = new ArrayList<>();
        for (SystemResult system : results.systems()) {
            List<Point> points =
                    system.density().stream()
                            .filter(density -> density.pssMib() > 0)
                            .map(density -> new Point(density.instances(), density.pssMib()))
                            .toList();
            if (points.isEmpty()) {
                continue;
            }
            Look look = Look.of(results, system);
            lines.add(new Line(points, look.ink(), look.stroke(), look, true));
            entries.add(Plot.entry(system.id(), points.get(points.size() - 1), look, true));
            points.forEach(point -> sizes.add(point.y()));
            points.forEach(point -> counts.add(point.x()));
        }
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        List<Double> ticks = counts.stream().distinct().sorted().toList();
        return Optional.of(
                new Plot(
                        name(),
                        "How much memory an idle instance takes",
                        Figure.beside(results, false),
                        Axis.at("instances at once, logarithmic", ticks),
                        Axis.log("memory of each [MiB], logarithmic", sizes),
                        List.of(),
                        lines,
                        List.of(),
                        new Legend(Figure.ends(size), entries)));
    }
}
