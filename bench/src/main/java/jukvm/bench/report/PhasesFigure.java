package jukvm.bench.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jukvm.bench.report.Plot.Bar;
import jukvm.bench.report.Plot.Legend;
import jukvm.bench.report.Plot.Named;
import jukvm.bench.report.Plot.Note;
import jukvm.bench.report.Plot.Point;
import jukvm.bench.report.Plot.Side;
import jukvm.bench.report.Plot.Where;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.SystemResult.Phase;

/** What the time of a start goes into. */
final class PhasesFigure implements Figure {
    private static final double THICK = 0.6;
    private static final double NUMBERED = 3;
    private static final double NUMBERED_NARROW = 8;

    @Override
    public String name() {
        return "phases";
    }

    @Override
    public String caption() {
        return "What the time of a start goes into, for systems that tell: each row is one start,"
                + " from 0 to 100 % of it; the time beside its name is the sum of the"
                + " phases' medians.";
    }

    @Override
    public Optional<Plot> plot(Results results, Size size) {
        List<SystemResult> shown =
                results.systems().stream().filter(system -> total(system) > 0).toList();
        if (shown.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Look> looks = new LinkedHashMap<>();
        List<Bar> bars = new ArrayList<>();
        List<Note> notes = new ArrayList<>();
        for (int row = 0; row < shown.size(); row++) {
            SystemResult system = shown.get(row);
            double from = 0;
            for (Phase phase : system.phases()) {
                Look look = looks.computeIfAbsent(phase.name(), n -> Look.phase(looks.size()));
                double to = from + 100 * phase.micros() / total(system);
                bars.add(new Bar(new Point(from, -row), new Point(to, -row), THICK, look));
                if (to - from > (size.narrow() ? NUMBERED_NARROW : NUMBERED)) {
                    String number = "" + (List.copyOf(looks.keySet()).indexOf(phase.name()) + 1);
                    Point middle = new Point((from + to) / 2, -row);
                    notes.add(new Note(number, middle, Side.OVER, Look.TEXT, true));
                }
                from = to;
            }
        }
        List<Named> entries = new ArrayList<>();
        looks.forEach((name, look) -> entries.add(Plot.entry(name, new Point(0, 0), look, false)));
        List<String> rows = shown.stream().map(s -> s.id() + "\n" + Say.time(total(s))).toList();
        return Optional.of(
                new Plot(
                        name(),
                        "What a start consists of",
                        Figure.beside(results, false),
                        Axis.percent("share of the start's time [%]"),
                        Axis.names("system", rows).down(),
                        bars,
                        List.of(),
                        notes,
                        new Legend(size.narrow() ? Where.BELOW : Where.RIGHT, entries)));
    }

    private static double total(SystemResult system) {
        return system.phases().stream().mapToDouble(Phase::micros).sum();
    }
}
