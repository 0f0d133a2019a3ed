package jukvm.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.OptionalLong;
import jukvm.error.ConfigException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QuantityTest {
    @ParameterizedTest
    @CsvSource({
        "200ms, PT0.2S, 0.2 s",
        "1.5s, PT1.5S, 1.5 s",
        "2m, PT2M, 120 s",
        "1h, PT1H, 3600 s",
        "1us, PT0.000001S, 0.000001 s",
        "0.001us, PT0.000000001S, 0.000000001 s",
        "999999999s, PT999999999S, 999999999 s"
    })
    void shouldTakeAndShowATime(String word, Duration duration, String shown) {
        assertEquals(duration, Quantity.duration("deadline", word));
        assertEquals(shown, Quantity.seconds(duration));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "s", "-1s", "1 s", "1.s", ".5s", "1e3s", "5S", "1d", "1m30s"})
    void shouldRefuseWhatIsNoTime(String word) {
        ConfigException e =
                assertThrows(ConfigException.class, () -> Quantity.duration("within", word));
        assertEquals(
                "within: '" + word + "' is not a duration such as 200ms, 1.5s or 2m",
                e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0s", "0.0ms", "0.0001us"})
    void shouldRefuseNoTime(String word) {
        ConfigException e =
                assertThrows(ConfigException.class, () -> Quantity.duration("within", word));
        assertEquals("within: '" + word + "' is not longer than no time", e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({"1KiB, 1024", "64KiB, 65536", "3MiB, 3145728", "2GiB, 2147483648"})
    void shouldTakeASize(String word, long bytes) {
        assertEquals(OptionalLong.of(bytes), Quantity.size(word));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "64", "64K", "64KB", "KiB", "1.5MiB", "./64KiB", "disk.img"})
    void shouldTakeNothingElseForASize(String word) {
        assertEquals(OptionalLong.empty(), Quantity.size(word));
    }
}
