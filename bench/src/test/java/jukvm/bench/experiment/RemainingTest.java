package jukvm.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import jukvm.bench.Progress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class RemainingTest {
    private final ByteArrayOutputStream terminal = new ByteArrayOutputStream();
    private final Progress progress =
            new Progress(new PrintStream(terminal, true, StandardCharsets.UTF_8), true);

    // So far from where it is rounded the other way that the time of the test makes no difference.
    @ParameterizedTest
    @CsvSource({"0, 0 s", "-100, 0 s", "54, 50 s", "94, 2 min", "884, 15 min"})
    void shouldSayThePartAndTheTimeLeft(double seconds, String left) {
        Remaining remaining = new Remaining(progress, seconds, 6);
        remaining.next();
        remaining.next();
        remaining.say("latency of runc");
        String line = terminal.toString(StandardCharsets.UTF_8);
        assertTrue(line.endsWith("\r[2/6] " + left + " left: latency of runc"), line);
        assertEquals("latency of runc", remaining.step());
        assertTrue(remaining.passed() >= 0);
    }
}
