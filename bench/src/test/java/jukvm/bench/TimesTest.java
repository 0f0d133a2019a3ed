package jukvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class TimesTest {
    private static final double THOUSANDTH = 1e-3;

    private static Times upTo(int micros) {
        Times times = new Times();
        for (int i = 1; i <= micros; i++) {
            times.addMicros(i);
        }
        return times;
    }

    private static void assertAbout(double expected, double actual) {
        assertEquals(expected, actual, expected * THOUSANDTH);
    }

    @Test
    void shouldTellPercentilesInMicroseconds() {
        Times.Summary summary = upTo(1000).summary();
        assertEquals(1000, summary.runs());
        assertAbout(500, summary.median());
        assertAbout(900, summary.p90());
        assertAbout(990, summary.p99());
        assertAbout(999, summary.p999());
        assertAbout(1000, summary.longest());
    }

    @Test
    void shouldTakeNanosecondsAndMicroseconds() {
        Times times = new Times();
        times.add(123_456);
        assertAbout(123.456, times.summary().median());
        Times same = new Times();
        same.addMicros(123.456);
        assertEquals(times.summary(), same.summary());
    }

    @Test
    void shouldHoldTimesOfAnyLength() {
        Times times = new Times();
        times.add(0);
        times.add(3_600_000_000_000L);
        assertAbout(0.001, times.summary().median());
        assertAbout(3_600_000_000.0, times.summary().longest());
    }

    @Test
    void shouldAddTheTimesOfAnother() {
        Times all = upTo(10);
        Times one = new Times();
        one.addMicros(5000);
        all.add(one);
        assertEquals(11, all.summary().runs());
        assertAbout(6, all.summary().median());
        assertAbout(5000, all.summary().longest());
    }

    @Test
    void shouldRefuseToSummariseNothing() {
        assertThrows(IllegalStateException.class, () -> new Times().summary());
    }
}
