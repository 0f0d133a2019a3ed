package jukvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class FailuresTest {
    @Test
    void shouldCountByReason() {
        Failures failures = new Failures();
        failures.add("printed something else");
        assertTrue(failures.check(""));
        assertFalse(failures.check("exit status 1"));
        Failures others = new Failures();
        others.add("printed something else");
        failures.add(others);
        assertEquals(3, failures.count());
        assertEquals(
                Map.of("printed something else", 2L, "exit status 1", 1L), failures.byReason());
    }

    @Test
    void shouldBeginWithNone() {
        assertEquals(0, new Failures().count());
        assertEquals(Map.of(), new Failures().byReason());
    }
}
