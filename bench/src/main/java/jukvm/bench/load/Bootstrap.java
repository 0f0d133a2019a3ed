package jukvm.bench.load;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Medians, and 95 % confidence intervals of them by the percentile bootstrap: of 2,000 samples
 * drawn anew, with replacement, from the one that was measured, the medians without the 2.5 %
 * furthest out on each side. No distribution is assumed; that the values are independent of each
 * other is.
 *
 * <p>The draws are the same each time, so equal samples have equal intervals. For very few values
 * the interval is narrower than it says: of five it is from the least to the greatest, which holds
 * the median in 94 of 100 cases; of one it is that value. Stateless, hence thread-safe. Source:
 * Efron and Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
 */
public final class Bootstrap {
    private static final int RESAMPLES = 2000;

    // So many of the medians drawn are left out on each side.
    private static final int OUTSIDE = RESAMPLES / 40 - 1;

    private static final long SEED = 20170507;

    private Bootstrap() {}

    /**
     * What a figure lies between, both ends included.
     *
     * @param low the lower end, in the unit of the figure
     * @param high the upper end
     */
    public record Interval(double low, double high) {}

    /**
     * Returns the median: of an even number of values, the mean of the two in the middle.
     *
     * @param sample at least one value, in any unit and order; left as it is
     * @throws IllegalArgumentException if there is none, or one is not a finite number
     */
    public static double median(double[] sample) {
        double[] sorted = sorted(sample);
        return middle(sorted[(sorted.length - 1) / 2], sorted[sorted.length / 2]);
    }

    /** Returns the median of at least one value. */
    public static double median(List<Double> sample) {
        return median(sample.stream().mapToDouble(Double::doubleValue).toArray());
    }

    /**
     * Returns the interval that holds the median of what the sample was taken of.
     *
     * @param sample at least one value, in any unit and order; left as it is
     * @throws IllegalArgumentException if there is none, or one is not a finite number
     */
    public static Interval medianInterval(double[] sample) {
        double[] medians = medians(sorted(sample), new SplittableRandom(SEED));
        return interval(medians);
    }

    /**
     * Returns the ratio of the median of one sample to that of another.
     *
     * @param sample at least one value above 0; left as it is
     * @param base what it is set against: at least one value above 0, in the same unit
     * @throws IllegalArgumentException if one has no value, or a value that is not above 0 and
     *     finite
     */
    public static double ratio(double[] sample, double[] base) {
        requirePositive(sample);
        requirePositive(base);
        return median(sample) / median(base);
    }

    /**
     * Returns the interval that holds the ratio of the medians of what two samples were taken of
     * independently of each other.
     *
     * @param sample at least one value above 0; left as it is
     * @param base what it is set against: at least one value above 0, in the same unit
     * @throws IllegalArgumentException if one has no value, or a value that is not above 0 and
     *     finite
     */
    public static Interval ratioInterval(double[] sample, double[] base) {
        requirePositive(sample);
        requirePositive(base);
        SplittableRandom random = new SplittableRandom(SEED);
        double[] quotients = medians(sorted(sample), random.split());
        double[] divisors = medians(sorted(base), random.split());
        for (int i = 0; i < RESAMPLES; i++) {
            quotients[i] /= divisors[i];
        }
        return interval(quotients);
    }

    private static Interval interval(double[] drawn) {
        Arrays.sort(drawn);
        return new Interval(drawn[OUTSIDE], drawn[RESAMPLES - 1 - OUTSIDE]);
    }

    // Draws ranks and counts them, so that no sample drawn has to be sorted.
    private static double[] medians(double[] sorted, SplittableRandom random) {
        int[] drawn = new int[sorted.length];
        double[] medians = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            Arrays.fill(drawn, 0);
            for (int j = 0; j < sorted.length; j++) {
                drawn[random.nextInt(sorted.length)]++;
            }
            medians[i] = medianOf(sorted, drawn);
        }
        return medians;
    }

    private static double medianOf(double[] sorted, int[] drawn) {
        int rank = 0;
        int passed = drawn[0];
        while (passed <= (sorted.length - 1) / 2) {
            passed += drawn[++rank];
        }
        int lower = rank;
        while (passed <= sorted.length / 2) {
            passed += drawn[++rank];
        }
        return middle(sorted[lower], sorted[rank]);
    }

    // Of equals it is exactly the same, and the sum of two large ones does not overflow.
    private static double middle(double lower, double upper) {
        return lower == upper ? lower : lower / 2 + upper / 2;
    }

    private static double[] sorted(double[] sample) {
        if (sample.length == 0) {
            throw new IllegalArgumentException("a sample without values");
        }
        double[] sorted = sample.clone();
        Arrays.sort(sorted);
        // NaN is sorted last.
        if (!Double.isFinite(sorted[0]) || !Double.isFinite(sorted[sorted.length - 1])) {
            throw new IllegalArgumentException("a sample with a value that is not finite");
        }
        return sorted;
    }

    private static void requirePositive(double[] sample) {
        for (double value : sample) {
            if (!(value > 0)) {
                throw new IllegalArgumentException("a sample with a value of " + value);
            }
        }
    }
}
