package jukvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

final class ProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private Progress progress(boolean shown) {
        return new Progress(new PrintStream(bytes, true, StandardCharsets.UTF_8), shown);
    }

    @Test
    void shouldSayNothingWhereThereIsNoTerminal() {
        Progress progress = progress(false);
        progress.say("cold");
        progress.end();
        assertEquals(0, bytes.size());
    }

    @Test
    void shouldKeepToOneLineAndLeaveItBlank() {
        Progress progress = progress(true);
        progress.say("x".repeat(500));
        progress.say("shell");
        progress.end();
        String shown = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(shown.contains("\rshell"), shown);
        assertTrue(shown.endsWith(" \r"), shown);
        assertEquals(-1, shown.indexOf('\n'));
        for (String part : shown.split("\r", -1)) {
            assertTrue(part.length() < 80, part);
        }
    }
}
