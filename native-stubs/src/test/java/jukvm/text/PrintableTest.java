package jukvm.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
    @ParameterizedTest
    @ValueSource(strings = {"", " ", "storage", "a b~!\"'{}[]", "~"})
    void shouldKeepPrintableAscii(String text) {
        assertEquals(text, Printable.of(text));
    }

    @ParameterizedTest
    @CsvSource({
        "'\0', \\x00",
        "'\n', \\x0a",
        "'\r\n', \\x0d\\x0a",
        "'\t', \\x09",
        "'\u001b[2J', \\x1b[2J",
        "\u007f, \\x7f",
        "\u0085, \\x85",
        "\u009b, \\x9b",
        "\u00e9, \\xe9",
        "\u20ac, \\u20ac",
        "\u202e, \\u202e",
        "\ud83d\ude00, \\ud83d\\ude00",
        "\\, \\x5c",
        "\\x41, \\x5cx41"
    })
    void shouldEscapeTheRest(String text, String printed) {
        assertEquals(printed, Printable.of(text));
    }

    @Test
    void shouldKeepAsMuchAsFits() {
        assertEquals("a".repeat(80), Printable.of("a".repeat(80)));
        assertEquals("a".repeat(80), Printable.of("a".repeat(81)));
        assertEquals("\\x0a".repeat(20), Printable.of("\n".repeat(1000)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\u20ac"})
    void shouldNeverExceedTheLimit(String hostile) {
        for (int plain = 0; plain <= 80; plain++) {
            String printed = Printable.of("a".repeat(plain) + hostile.repeat(100));
            assertTrue(printed.length() <= 80, printed.length() + " characters");
            assertTrue(printed.startsWith("a".repeat(plain)));
        }
    }
}
