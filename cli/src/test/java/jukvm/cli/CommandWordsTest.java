package jukvm.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import jukvm.error.ConfigException;
import jukvm.text.HostText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandWordsTest {
    private static final String ASCII = "ANSI_X3.4-1968";

    // One character is one byte, and each word ends with a zero byte.
    private static String[] of(String encoding, String commandLine, String... args) {
        byte[] bytes = commandLine.replace(';', '\0').getBytes(ISO_8859_1);
        return CommandWords.of(args, bytes, encoding);
    }

    private static String text(String bytes) {
        return HostText.decode(bytes.getBytes(ISO_8859_1));
    }

    @Test
    void shouldTakeWordsAsTheyAreWhereNothingCanBeLost() {
        String[] args = {"run", "--mem=16", "", "a b"};
        assertSame(args, CommandWords.of(args));
    }

    @Test
    void shouldTakeTheBytesOfTheCommandLine() {
        String line = "java;-jar;jukvm.jar;run;a\u00ff;;\u00ef\u00bf\u00bd;?;";
        String[] words = {"run", text("a\u00ff"), "", "\ufffd", "?"};
        assertArrayEquals(words, of("UTF-8", line, "run", "a\ufffd", "", "\ufffd", "?"));
        assertArrayEquals(words, of(ASCII, line, "run", "a?", "", "???", "?"));
        assertArrayEquals(words, of("ISO-8859-1", line, "run", "a\u00ff", "", "\u00ef", "?"));
    }

    @ParameterizedTest
    @CsvSource({"UTF-8, gr\u00fcn", "UTF-8, ?", "UTF-8, a", "ANSI_X3.4-1968, a"})
    void shouldTakeWhatIsCertainWithoutACommandLine(String encoding, String word) {
        for (String line : new String[] {"", "a;b;", "java;other;"}) {
            assertArrayEquals(new String[] {word, "x"}, of(encoding, line, word, "x"));
        }
    }

    @ParameterizedTest
    @CsvSource({"UTF-8, \ufffd", "ANSI_X3.4-1968, ?", "ISO-8859-1, \u00e4"})
    void shouldRefuseWhatIsNot(String encoding, String word) {
        ConfigException e =
                assertThrows(ConfigException.class, () -> of(encoding, "java;other;", "x", word));
        assertEquals(
                "word 2 of the command line has characters that the locale lacks, and /proc does"
                        + " not show them; mount it, or set LC_ALL=C.UTF-8",
                e.getMessage());
    }
}
