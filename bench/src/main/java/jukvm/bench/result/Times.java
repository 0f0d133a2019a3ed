package jukvm.bench.result;

import java.util.List;

/**
 * Times of actions in µs.
 *
 * @param count of actions
 * @param median of them
 * @param low lower end of the median's 95 % confidence interval
 * @param high upper end of it
 * @param p5 5th percentile
 * @param p90 90th
 * @param p95 95th
 * @param p99 99th
 * @param p999 99.9th
 * @param max the longest
 * @param curve the {@link #CURVE} percentiles, for a plot of the distribution
 */
public record Times(
        long count,
        double median,
        double low,
        double high,
        double p5,
        double p90,
        double p95,
        double p99,
        double p999,
        double max,
        List<Double> curve) {
    /** The percentiles of {@link #curve}, in order. */
    public static final List<Double> CURVE =
            List.of(
                    0.0, 1.0, 2.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0, 35.0, 40.0, 45.0, 50.0, 55.0,
                    60.0, 65.0, 70.0, 75.0, 80.0, 85.0, 90.0, 92.5, 95.0, 97.0, 98.0, 99.0, 99.5,
                    99.9, 100.0);

    /** Returns whether a time lies in the median's interval. */
    public boolean isWithin(double micros) {
        return low <= micros && micros <= high;
    }
}
