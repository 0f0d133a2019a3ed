package jukvm.cli.invoker;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class OneLineTest {
    @Test
    void shouldEscapeWhatATerminalObeys() {
        assertEquals(
                "a\\x1b[31m\\x0ab\\x7f\\x9b\\u2028\\u202e\\ud800",
                OneLine.of("a\u001b[31m\nb\u007f\u009b\u2028\u202e\ud800"));
    }

    @Test
    void shouldLeaveNamesReadable() {
        String name = "/srv/B\u00fccher \u65e5\u672c \\ '\ud83d\ude00' \ufffd.hvt";
        assertEquals(name, OneLine.of(name));
    }
}
