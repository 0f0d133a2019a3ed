package jukvm.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jukvm.bench.report.Axis.Tick;
import org.junit.jupiter.api.Test;

final class AxisTest {
    private static List<String> labels(Axis axis) {
        return axis.ticks().stream().map(Tick::label).toList();
    }

    @Test
    void shouldNameDecadesOfALongAxis() {
        Axis axis = Axis.log("t", List.of(0.06, 300.0));
        assertEquals(List.of("0.1", "1", "10", "100"), labels(axis));
        assertTrue(axis.min() <= 0.06 && axis.max() >= 300, axis.toString());
    }

    @Test
    void shouldNameMoreOfAShortAxis() {
        assertEquals(
                List.of("2", "5", "10", "20", "50"), labels(Axis.log("t", List.of(3.0, 40.0))));
    }

    @Test
    void shouldPlaceValues() {
        Axis axis = Axis.log("t", List.of(1.1, 90.0));
        assertEquals(0, axis.share(axis.min()), 1e-9);
        assertEquals(1, axis.share(axis.max()), 1e-9);
        assertEquals(0.5, Axis.percent("t").share(50), 1e-9);
        assertEquals(0.5, Axis.names("t", List.of("a", "b", "c")).share(1), 1e-9);
        assertEquals(0.5, Axis.names("t", List.of("a", "b", "c")).down().share(-1), 1e-9);
    }

    @Test
    void shouldHoldASingleValue() {
        Axis axis = Axis.log("t", List.of(1.0));
        assertTrue(axis.min() < 1 && axis.max() > 1, axis.toString());
        Axis at = Axis.at("t", List.of(1.0));
        assertTrue(at.min() < 1 && at.max() > 1, at.toString());
    }
}
