package jukvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class FailuresTest {
    @Test
    void shouldCountByReasonAndTellTheWrongFromTheLate() {
        Failures failures = new Failures();
        failures.addWrong("printed something else");
        failures.addWrong("printed something else");
        failures.addStart("started cold instead of shell");
        assertEquals(3, failures.count());
        assertEquals(2, failures.wrong());
        assertEquals(
                Map.of("printed something else", 2L, "started cold instead of shell", 1L),
                failures.byReason());
    }

    @Test
    void shouldBeginWithNone() {
        assertEquals(0, new Failures().count());
        assertEquals(Map.of(), new Failures().byReason());
    }
}
