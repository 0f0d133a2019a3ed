package jukvm.bench.report;

import java.awt.Color;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jukvm.bench.report.Plot.Bar;
import jukvm.bench.report.Plot.Legend;
import jukvm.bench.report.Plot.Line;
import jukvm.bench.report.Plot.Note;
import jukvm.bench.report.Plot.Point;
import jukvm.bench.report.Plot.Side;
import jukvm.bench.report.Plot.Where;
import jukvm.bench.result.Results;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.Times;

/**
 * How long an action takes: median with the 5th and 95th percentile. Upright where names fit below,
 * lying on a telephone.
 */
final class LatencyFigure implements Figure {
    private static final double BAR_MILLIS = 100;
    private static final double THICK = 0.62;
    private static final double CAP = 0.12;

    @Override
    public String name() {
        return "latency";
    }

    @Override
    public String caption() {
        return "Time of one action, from its request to its result, one at a time: the bar ends at"
                + " the median, the whisker spans the 5th to the 95th percentile. The scale is"
                + " logarithmic, so bars compare by their ends, not by their lengths. With"
                + " each time"
                + " stands how many times that of the process it is.";
    }

    @Override
    public Optional<Plot> plot(Results results, Size size) {
        List<SystemResult> shown =
                results.systems().stream().filter(s -> s.latency().isPresent()).toList();
        return shown.isEmpty()
                ? Optional.empty()
                : Optional.of(new Shape(results, shown, !size.narrow()).plot());
    }

    private final class Shape {
        private final Results results;
        private final List<SystemResult> shown;
        private final boolean upright;
        private final Axis times;
        private final Axis names;
        private final List<Bar> bars = new ArrayList<>();
        private final List<Line> lines = new ArrayList<>();
        private final List<Note> notes = new ArrayList<>();

        Shape(Results results, List<SystemResult> shown, boolean upright) {
            this.results = results;
            this.shown = shown;
            this.upright = upright;
            List<Double> values = new ArrayList<>(List.of(BAR_MILLIS));
            shown.forEach(system -> values.add(Figure.millis(done(system).p5())));
            shown.forEach(system -> values.add(Figure.millis(done(system).p95())));
            Axis fitting = Axis.log("request to result [ms], logarithmic", values);
            // Room for what is said above the whiskers.
            this.times =
                    upright
                            ? fitting.longer(Math.pow(fitting.max() / fitting.min(), 0.12))
                            : fitting;
            Axis all = Axis.names("system", shown.stream().map(this::label).toList());
            this.names = upright ? all : all.down();
        }

        private static Times done(SystemResult system) {
            return system.latency().orElseThrow().done();
        }

        Plot plot() {
            double end = names.min();
            Point from = upright ? new Point(end, BAR_MILLIS) : new Point(BAR_MILLIS, end);
            double other = names.max();
            Point to = upright ? new Point(other, BAR_MILLIS) : new Point(BAR_MILLIS, other);
            for (int i = 0; i < shown.size(); i++) {
                system(shown.get(i), upright ? i : -i);
            }
            lines.add(Plot.reference(from, to));
            notes.add(
                    upright
                            ? new Note("100 ms, the paper's bar", from, Side.RIGHT, Look.BAR, true)
                            : new Note("100 ms", to, Side.ABOVE, Look.BAR, true));
            if (upright) {
                raise(notes.size() - 1);
            }
            return new Plot(
                    name(),
                    "How long one action takes",
                    Figure.beside(results, true),
                    upright ? names : times,
                    upright ? times : names,
                    bars,
                    lines,
                    notes,
                    new Legend(Where.NOWHERE, List.of()));
        }

        // Puts a note just above its line.
        private void raise(int index) {
            Note note = notes.get(index);
            double above = BAR_MILLIS * Math.pow(times.max() / times.min(), 0.03);
            Point at = new Point(note.at().x(), above);
            notes.set(index, new Note(note.text(), at, note.side(), note.color(), true));
        }

        private void system(SystemResult system, double place) {
            Look look = Look.of(results, system);
            Times done = done(system);
            bars.add(
                    new Bar(
                            at(place, times.min()),
                            at(place, Figure.millis(done.median())),
                            THICK,
                            look));
            double low = Figure.millis(done.p5());
            double high = Figure.millis(done.p95());
            whisker(at(place, low), at(place, high));
            whisker(at(place - CAP, low), at(place + CAP, low));
            whisker(at(place - CAP, high), at(place + CAP, high));
            if (upright) {
                String text = Say.time(done.median()) + "\n" + ratio(system, "");
                Point end = at(place, high);
                notes.add(new Note(text.strip(), end, Side.ABOVE, Look.TEXT, false));
            }
        }

        // To the process, if that was measured.
        private String ratio(SystemResult system, String before) {
            return results.system("process")
                    .flatMap(SystemResult::latency)
                    .map(base -> done(system).median() / base.done().median())
                    .map(ratio -> before + Say.number(ratio) + "\u00d7")
                    .orElse("");
        }

        private String label(SystemResult system) {
            return upright
                    ? system.id().replace("-", "-\n")
                    : system.id() + "\n" + Say.time(done(system).median()) + ratio(system, ", ");
        }

        // White beneath, so that it shows on dark bars as on paper.
        private void whisker(Point from, Point to) {
            List<Point> ends = List.of(from, to);
            lines.add(new Line(ends, Color.WHITE, Look.stroke(4), Look.phase(0), false));
            lines.add(new Line(ends, Look.TEXT, Look.stroke(1.6), Look.phase(0), false));
        }

        private Point at(double place, double time) {
            return upright ? new Point(place, time) : new Point(time, place);
        }
    }
}
