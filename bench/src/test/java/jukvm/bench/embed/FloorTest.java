package jukvm.bench.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import jukvm.error.HostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FloorTest {
    @Test
    void shouldReadNumbersAndArrays() {
        JsonNode answer =
                Floor.parse("{\"mode\":\"shell\",\"failed\":0,\"exits\":2,\"boot_us\":[88.5,90]}");
        assertEquals(2, Floor.number(answer, "exits"));
        assertEquals(88.5, Floor.number(answer, "boot_us"));
        assertEquals(90, Floor.field(answer, "boot_us").path(1).asDouble());
    }

    @Test
    void shouldRefuseRunsThatFailed() {
        HostException refused =
                assertThrows(HostException.class, () -> Floor.parse("{\"failed\":3}"));
        assertEquals("native floor: 3 of its runs failed", refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "floor: no", "{\"failed\":", "{}", "{\"failed\":\"none\"}"})
    void shouldRefuseWhatIsNoAnswer(String line) {
        assertThrows(HostException.class, () -> Floor.parse(line));
    }

    @Test
    void shouldSayWhatIsLacking() {
        JsonNode answer = Floor.parse("{\"failed\":0}");
        HostException refused =
                assertThrows(HostException.class, () -> Floor.field(answer, "total_us"));
        assertEquals("native floor: its answer lacks total_us", refused.getMessage());
    }
}
