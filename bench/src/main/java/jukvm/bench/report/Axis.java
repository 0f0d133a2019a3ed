package jukvm.bench.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * An axis of a plot.
 *
 * @param title with its unit
 * @param min least value
 * @param max greatest value
 * @param log whether a decade is as long as the next
 * @param ticks where values are named
 * @param grid whether a line goes through the plot at each
 */
record Axis(String title, double min, double max, boolean log, List<Tick> ticks, boolean grid) {
    private static final int[] STEPS = {1, 2, 5};
    private static final int FEW_DECADES = 2;

    /** A named value; a line break in the name begins another line. */
    record Tick(double value, String label) {}

    /** Returns a logarithmic axis on which all the values lie that are above 0. */
    static Axis log(String title, List<Double> values) {
        double least =
                values.stream().filter(value -> value > 0).reduce(Double.MAX_VALUE, Math::min);
        double most = values.stream().reduce(0.0, Math::max);
        List<Tick> steps = new ArrayList<>();
        for (int decade = (int) Math.floor(Math.log10(least)) - 1; decade < 12; decade++) {
            for (int step : STEPS) {
                steps.add(tick(step * Math.pow(10, decade)));
            }
        }
        double min = last(steps, least * 0.95);
        double max = first(steps, most * 1.05);
        steps.removeIf(tick -> tick.value < min * 0.99 || tick.value > max * 1.01);
        if (Math.log10(max / min) > FEW_DECADES) {
            steps.removeIf(tick -> Math.abs(Math.IEEEremainder(Math.log10(tick.value), 1)) > 1e-6);
        }
        return new Axis(title, min, max, true, steps, true);
    }

    private static double last(List<Tick> steps, double limit) {
        return steps.stream().map(Tick::value).filter(v -> v <= limit).reduce(limit, (a, b) -> b);
    }

    private static double first(List<Tick> steps, double limit) {
        return steps.stream().map(Tick::value).filter(v -> v >= limit).findFirst().orElse(limit);
    }

    /** Returns a logarithmic axis that names exactly these values, in ascending order. */
    static Axis at(String title, List<Double> values) {
        List<Tick> ticks = values.stream().map(value -> new Tick(value, Say.exact(value))).toList();
        double min = values.get(0) / 1.15;
        return new Axis(title, min, values.get(values.size() - 1) * 1.15, true, ticks, true);
    }

    /** Returns an axis from 0 to 100 %. */
    static Axis percent(String title) {
        List<Tick> ticks =
                IntStream.rangeClosed(0, 5).mapToObj(i -> new Tick(20 * i, "" + 20 * i)).toList();
        return new Axis(title, 0, 100, false, ticks, true);
    }

    /** Returns an axis of things with names; the first lies at 0, the next at 1. */
    static Axis names(String title, List<String> names) {
        List<Tick> ticks =
                IntStream.range(0, names.size()).mapToObj(i -> new Tick(i, names.get(i))).toList();
        return new Axis(title, -0.5, names.size() - 0.5, false, ticks, false);
    }

    /** Returns the same axis from its end to its beginning, for names from top to bottom. */
    Axis down() {
        List<Tick> turned = ticks.stream().map(tick -> new Tick(-tick.value, tick.label)).toList();
        return new Axis(title, -max, -min, log, turned, grid);
    }

    /** Returns the same axis, a factor longer at its end. */
    Axis longer(double factor) {
        return new Axis(title, min, max * factor, log, ticks, grid);
    }

    /** Returns where a value lies, from 0 to 1. */
    double share(double value) {
        return log ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
    }

    private static Tick tick(double value) {
        int digits = Math.max(0, (int) Math.ceil(-Math.log10(value) - 1e-9));
        return new Tick(value, String.format(Locale.ROOT, "%,." + digits + "f", value));
    }
}
