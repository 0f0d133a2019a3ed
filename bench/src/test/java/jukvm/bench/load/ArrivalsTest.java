package jukvm.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ArrivalsTest {
    private static final double SECONDS = 2000;

    private final List<Long> arrivals = OpenLoops.arrivals(OpenLoops.RATE, SECONDS);

    @Test
    void shouldComeAtTheRate() {
        double perSecond = arrivals.size() / SECONDS;
        assertEquals(OpenLoops.RATE, perSecond, OpenLoops.RATE * 0.02);
    }

    // The gaps of a Poisson process: ascending, and a share of 1/e of them longer than the mean.
    @Test
    void shouldComeAsAPoissonProcess() {
        double mean = 1e9 / OpenLoops.RATE;
        long longer = 0;
        for (int i = 1; i < arrivals.size(); i++) {
            long gap = arrivals.get(i) - arrivals.get(i - 1);
            assertTrue(gap >= 0);
            longer += gap > mean ? 1 : 0;
        }
        assertEquals(1 / Math.E, (double) longer / arrivals.size(), 0.01);
    }

    @Test
    void shouldBeTheSameEachTime() {
        assertEquals(arrivals, OpenLoops.arrivals(OpenLoops.RATE, SECONDS));
    }

    @Test
    void shouldComeAtLeastOnce() {
        assertEquals(1, OpenLoops.arrivals(OpenLoops.RATE, 1e-9).size());
    }
}
