package jukvm.bench.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import java.util.function.DoubleSupplier;
import java.util.stream.DoubleStream;
import jukvm.bench.load.Bootstrap.Interval;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BootstrapTest {
    private static final int TRIALS = 200;

    private static double[] of(double... values) {
        return values;
    }

    private static boolean holds(Interval interval, double figure) {
        return interval.low() <= figure && figure <= interval.high();
    }

    private static double[] sample(int size, DoubleSupplier values) {
        return DoubleStream.generate(values).limit(size).toArray();
    }

    // Times are skewed: exponential above a least one; its median is 100 + 50 ln 2.
    private static DoubleSupplier times(Random random) {
        return () -> 100 - 50 * Math.log(1 - random.nextDouble());
    }

    @Test
    void shouldFindTheMedian() {
        assertEquals(2, Bootstrap.median(of(3, 1, 2)));
        assertEquals(2.5, Bootstrap.median(of(4, 1, 3, 2)));
        assertEquals(7, Bootstrap.median(of(7)));
        assertEquals(Double.MAX_VALUE, Bootstrap.median(of(Double.MAX_VALUE, Double.MAX_VALUE)));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 100})
    void shouldBeSureOfASampleOfEquals(int size) {
        double[] sample = sample(size, () -> 0.1);
        assertEquals(new Interval(0.1, 0.1), Bootstrap.medianInterval(sample));
        assertEquals(new Interval(1, 1), Bootstrap.ratioInterval(sample, sample));
    }

    @Test
    void shouldReachFromTheLeastOfFiveToTheGreatest() {
        assertEquals(new Interval(1, 9), Bootstrap.medianInterval(of(3, 9, 1, 4, 5)));
    }

    @Test
    void shouldAnswerTheSameEachTimeInWhateverOrder() {
        double[] sample = sample(50, times(new Random(1)));
        double[] sorted = sample.clone();
        Arrays.sort(sorted);
        assertEquals(Bootstrap.medianInterval(sorted), Bootstrap.medianInterval(sample));
        assertEquals(Bootstrap.medianInterval(sample), Bootstrap.medianInterval(sample));
    }

    @Test
    void shouldLeaveTheSampleAsItIs() {
        double[] sample = of(3, 1, 2);
        Bootstrap.medianInterval(sample);
        Bootstrap.ratioInterval(sample, sample);
        assertArrayEquals(of(3, 1, 2), sample);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4, 5, 20, 101, 1000})
    void shouldHoldTheMedianOfTheSample(int size) {
        double[] sample = sample(size, times(new Random(size)));
        Interval interval = Bootstrap.medianInterval(sample);
        assertTrue(holds(interval, Bootstrap.median(sample)), interval.toString());
    }

    // Ranks 469 and 532 of 1000 hold it in 95 of 100 cases, by the binomial distribution.
    @Test
    void shouldBeAsWideAsTheBinomialDistributionSays() {
        Interval interval = Bootstrap.medianInterval(sample(1000, new Counter()));
        assertEquals(469.5, interval.low(), 4);
        assertEquals(531.5, interval.high(), 4);
    }

    private static final class Counter implements DoubleSupplier {
        private int value;

        @Override
        public double getAsDouble() {
            return ++value;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 21, 100})
    void shouldHoldTheTrueMedianAsOftenAsItSays(int size) {
        DoubleSupplier times = times(new Random(size));
        double truth = 100 + 50 * Math.log(2);
        int held = 0;
        for (int i = 0; i < TRIALS; i++) {
            held += holds(Bootstrap.medianInterval(sample(size, times)), truth) ? 1 : 0;
        }
        // 190 are expected; four standard deviations are 12.
        assertTrue(held >= 176, held + " of " + TRIALS);
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 50})
    void shouldHoldTheTrueRatioAsOftenAsItSays(int size) {
        DoubleSupplier times = times(new Random(size));
        int held = 0;
        for (int i = 0; i < TRIALS; i++) {
            double[] slower = sample(size, () -> 3 * times.getAsDouble());
            held += holds(Bootstrap.ratioInterval(slower, sample(size, times)), 3) ? 1 : 0;
        }
        assertTrue(held >= 176, held + " of " + TRIALS);
    }

    @Test
    void shouldTellTheRatioOfSmallSamples() {
        double[] ours = of(17_800, 17_600, 17_900, 17_750, 17_850);
        double[] floor = of(17_500, 17_450, 17_600, 17_400, 17_550);
        assertEquals(17_800 / 17_500.0, Bootstrap.ratio(ours, floor));
        Interval interval = Bootstrap.ratioInterval(ours, floor);
        assertTrue(holds(interval, Bootstrap.ratio(ours, floor)), interval.toString());
        assertTrue(interval.low() >= 17_600 / 17_600.0, interval.toString());
        assertTrue(interval.high() <= 17_900 / 17_400.0, interval.toString());
    }

    @Test
    void shouldDrawTheTwoSamplesIndependently() {
        double[] sample = sample(100, times(new Random(4)));
        Interval ratio = Bootstrap.ratioInterval(sample, sample.clone());
        assertTrue(ratio.low() < 0.99 && ratio.high() > 1.01, ratio.toString());
    }

    @Test
    void shouldSeeADifference() {
        double[] sample = sample(200, times(new Random(5)));
        double[] slower = sample(200, times(new Random(6)));
        for (int i = 0; i < slower.length; i++) {
            slower[i] *= 1.3;
        }
        assertTrue(Bootstrap.ratioInterval(slower, sample).low() > 1);
    }

    @Test
    void shouldRefuseASampleWithoutValues() {
        double[] none = {};
        assertThrows(IllegalArgumentException.class, () -> Bootstrap.median(none));
        assertThrows(IllegalArgumentException.class, () -> Bootstrap.medianInterval(none));
        assertThrows(IllegalArgumentException.class, () -> Bootstrap.ratio(of(1), none));
        assertThrows(IllegalArgumentException.class, () -> Bootstrap.ratioInterval(none, of(1)));
    }

    @ParameterizedTest
    @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
    void shouldRefuseWhatIsNotFinite(double bad) {
        double[] sample = of(1, bad, 2);
        assertThrows(IllegalArgumentException.class, () -> Bootstrap.medianInterval(sample));
        assertThrows(IllegalArgumentException.class, () -> Bootstrap.ratioInterval(of(1), sample));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, -1})
    void shouldRefuseARatioOfWhatIsNotAboveZero(double bad) {
        double[] sample = of(1, bad, 2);
        assertEquals(new Interval(bad, 2), Bootstrap.medianInterval(sample));
        assertThrows(IllegalArgumentException.class, () -> Bootstrap.ratioInterval(sample, of(1)));
        assertThrows(IllegalArgumentException.class, () -> Bootstrap.ratio(of(1), sample));
    }
}
