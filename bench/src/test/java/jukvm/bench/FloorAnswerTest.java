package jukvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import jukvm.error.HostException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FloorAnswerTest {
    @Test
    void shouldReadNumbersAndArrays() {
        FloorAnswer answer =
                FloorAnswer.parse(
                        "{\"mode\":\"shell\",\"failed\":0,\"exits\":2,\"boot_us\":[88.5,90]}");
        assertEquals(2, answer.number("exits"));
        assertEquals(List.of(88.5, 90.0), answer.numbers("boot_us"));
    }

    @Test
    void shouldRefuseRunsThatFailed() {
        HostException refused =
                assertThrows(HostException.class, () -> FloorAnswer.parse("{\"failed\":3}"));
        assertEquals("native floor: 3 of its runs failed", refused.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "floor: no", "{\"failed\":", "{}", "{\"failed\":\"none\"}"})
    void shouldRefuseWhatIsNoAnswer(String line) {
        assertThrows(HostException.class, () -> FloorAnswer.parse(line));
    }

    @Test
    void shouldSayWhatIsLacking() {
        FloorAnswer answer = FloorAnswer.parse("{\"failed\":0}");
        HostException refused = assertThrows(HostException.class, () -> answer.numbers("total_us"));
        assertEquals("native floor: its answer lacks total_us", refused.getMessage());
    }
}
