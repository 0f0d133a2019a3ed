package jukvm.bench.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jukvm.bench.result.Times;
import org.junit.jupiter.api.Test;

final class SamplesTest {
    private static final double THOUSANDTH = 1e-3;

    @Test
    void shouldKnowNothingWithoutTimes() {
        Samples none = new Samples();
        assertEquals(0, none.count());
        assertEquals(0, none.median());
        assertEquals(0, none.percentile(99));
        assertArrayEquals(new double[0], none.micros());
        assertThrows(IllegalArgumentException.class, none::times);
    }

    @Test
    void shouldKeepEachTimeAsItCame() {
        Samples samples = new Samples();
        double[] expected = new double[1000];
        for (int i = 0; i < expected.length; i++) {
            long micros = (i * 7L) % 1000 + 1;
            samples.add(micros * 1000);
            expected[i] = micros;
        }
        assertEquals(1000, samples.count());
        assertArrayEquals(expected, samples.micros());
    }

    @Test
    void shouldCountLessThanANanosecondAsOne() {
        Samples samples = new Samples();
        samples.add(0);
        samples.add(-5);
        assertArrayEquals(new double[] {0.001, 0.001}, samples.micros());
        assertEquals(0.001, samples.median());
    }

    @Test
    void shouldSummarizeToAThousandth() {
        Samples samples = new Samples();
        for (int micros = 1000; micros >= 1; micros--) {
            samples.add(micros * 1000L);
        }
        Times times = samples.times();
        assertEquals(1000, times.count());
        assertEquals(500, times.median(), 500 * THOUSANDTH);
        assertEquals(50, times.p5(), 50 * THOUSANDTH);
        assertEquals(900, times.p90(), 900 * THOUSANDTH);
        assertEquals(950, times.p95(), 950 * THOUSANDTH);
        assertEquals(990, times.p99(), 990 * THOUSANDTH);
        assertEquals(999, times.p999(), 999 * THOUSANDTH);
        assertEquals(1000, times.max(), 1000 * THOUSANDTH);
        assertTrue(times.low() < times.median() && times.median() < times.high(), times.toString());
        assertEquals(Times.CURVE.size(), times.curve().size());
        List<Double> rising = times.curve().stream().sorted().toList();
        assertEquals(rising, times.curve());
    }
}
