package jukvm.bench;

import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/** Times of runs, to a thousandth of each. Used by one thread at a time. */
final class Times {
    private static final int DIGITS = 3;

    private final Histogram nanos = new Histogram(DIGITS);

    /** Adds a time in nanoseconds; one below 1 counts as 1. */
    void add(long time) {
        nanos.recordValue(Math.max(1, time));
    }

    /** Adds a time in microseconds. */
    void addMicros(double time) {
        add(Math.round(time * TimeUnit.MICROSECONDS.toNanos(1)));
    }

    /** Adds the times of another. */
    void add(Times other) {
        nanos.add(other.nanos);
    }

    /**
     * Returns what there is to say about them.
     *
     * @throws IllegalStateException if there is none
     */
    Summary summary() {
        if (nanos.getTotalCount() == 0) {
            throw new IllegalStateException("no run was counted");
        }
        return new Summary(
                nanos.getTotalCount(),
                micros(50),
                micros(90),
                micros(99),
                micros(99.9),
                micros(100));
    }

    private double micros(double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }

    /**
     * Percentiles in microseconds.
     *
     * @param runs how many times there are
     * @param median half of them are no longer
     */
    record Summary(long runs, double median, double p90, double p99, double p999, double longest) {}
}
