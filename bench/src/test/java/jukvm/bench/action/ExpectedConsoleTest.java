package jukvm.bench.action;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ExpectedConsoleTest {
    private final ExpectedConsole console = new ExpectedConsole("hello\n");

    private void print(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        console.write(ByteBuffer.allocateDirect(bytes.length).put(bytes).flip());
    }

    @ParameterizedTest
    @CsvSource({"hello|, true", "h|ello, false", "hellO|, false", "hello||, false", "'', false"})
    void shouldTellWhatIsPrintedAtOnceFromWhatIsExpected(String printed, boolean expected) {
        print(printed.replace('|', '\n'));
        assertEquals(expected, console.isAsExpected());
    }

    @Test
    void shouldTakeTheTextInParts() {
        print("he");
        print("");
        print("llo");
        assertEquals(false, console.isAsExpected());
        print("\n");
        assertTrue(console.isAsExpected());
    }

    @Test
    void shouldSeeWhatComesAfterTheText() {
        print("hello\n");
        print("h");
        assertEquals(false, console.isAsExpected());
    }

    @Test
    void shouldForgetWhenRestarted() {
        print("other");
        console.restart();
        print("hello\n");
        assertTrue(console.isAsExpected());
        console.restart();
        assertEquals(false, console.isAsExpected());
    }
}
