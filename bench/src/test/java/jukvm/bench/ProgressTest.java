package jukvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    // So far from where it is rounded the other way that the time of the test makes no difference.
    @ParameterizedTest
    @CsvSource({"0, 0 s", "-100, 0 s", "54, 50 s", "94, 2 min", "884, 15 min"})
    void shouldSayThePartAndTheTimeLeft(double seconds, String left) {
        Progress progress = progress(true);
        progress.plan(seconds, 6);
        progress.next();
        progress.next();
        progress.say("latency of runc");
        String line = bytes.toString(StandardCharsets.UTF_8);
        assertTrue(line.endsWith("\r[2/6] " + left + " left: latency of runc"), line);
        assertEquals("latency of runc", progress.step());
        assertTrue(progress.passed() >= 0);
    }
}
