package jukvm.bench.load;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jukvm.bench.load.Bootstrap.Interval;
import jukvm.bench.result.Times;
import org.HdrHistogram.Histogram;

/** Times of actions: each one, and what there is to say about all. Used by one thread. */
public final class Samples {
    private static final int DIGITS = 3;
    private static final int FIRST = 64;
    private static final double NANOS_A_MICRO = TimeUnit.MICROSECONDS.toNanos(1);

    private final Histogram histogram = new Histogram(DIGITS);
    private double[] micros = new double[FIRST];
    private int count;

    /** Adds a time in nanoseconds; one below 1 counts as 1. */
    public void add(long nanos) {
        long time = Math.max(1, nanos);
        histogram.recordValue(time);
        if (count == micros.length) {
            micros = Arrays.copyOf(micros, 2 * count);
        }
        micros[count] = time / NANOS_A_MICRO;
        count++;
    }

    /** Returns how many there are. */
    public int count() {
        return count;
    }

    /** Returns each one, in µs, as they came. */
    public double[] micros() {
        return Arrays.copyOf(micros, count);
    }

    /** Returns the median in µs; 0 if there is none. */
    public double median() {
        return percentile(50);
    }

    /** Returns a percentile in µs, to a thousandth of it; 0 if there is none. */
    public double percentile(double percentile) {
        return count == 0 ? 0 : histogram.getValueAtPercentile(percentile) / NANOS_A_MICRO;
    }

    /**
     * Returns what there is to say about them.
     *
     * @throws IllegalArgumentException if there is none
     */
    public Times times() {
        Interval interval = Bootstrap.medianInterval(micros());
        List<Double> curve = Times.CURVE.stream().map(this::percentile).toList();
        return new Times(
                count,
                median(),
                interval.low(),
                interval.high(),
                percentile(5),
                percentile(90),
                percentile(95),
                percentile(99),
                percentile(99.9),
                percentile(100),
                curve);
    }
}
