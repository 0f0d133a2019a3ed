package jukvm.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SayTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "0 | 0",
                "0.07 | 0.0700",
                "0.35 | 0.350",
                "0.9999 | 1.00",
                "1.2345 | 1.23",
                "9.996 | 10.0",
                "99.94 | 99.9",
                "99.96 | 100",
                "17000 | 17,000",
                "NaN | -",
                "Infinity | -",
            })
    void shouldShowThreeDigitsThatCount(double value, String text) {
        assertEquals(text, Say.number(value));
    }

    @Test
    void shouldShowHowLongSomethingTook() {
        assertEquals("30 min 45 s", Say.seconds(1845));
        assertEquals("59 s", Say.seconds(59.4));
    }

    @Test
    void shouldShowRatesAsTheyAreGiven() {
        assertEquals("125.23", Say.exact(125.23));
        assertEquals("31.3", Say.exact(31.3));
        assertEquals("250", Say.exact(250));
        assertEquals("1,000", Say.exact(1000));
    }
}
