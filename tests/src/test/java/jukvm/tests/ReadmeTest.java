package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The README's examples are those that are compiled and run here. */
final class ReadmeTest {
    private static final String FENCE = "```java\n";

    @ParameterizedTest
    @CsvSource({
        // The number of the example, the file, what is around it there.
        "1, main/java/examples/Hello.java, '        GuestSpec', '    }\n}'",
        "2, test/java/examples/UnikernelExampleTest.java, '    @Test', '}'"
    })
    void shouldShowTheExamplesThatAreCompiled(int number, String file, String from, String end)
            throws IOException {
        Path examples = Guests.ROOT.resolve("examples/src");
        String source = Files.readString(examples.resolve(file));
        String example = source.substring(source.indexOf(from), source.lastIndexOf(end));
        String readme = Files.readString(Guests.ROOT.resolve("README.md"));
        assertEquals(example.stripTrailing().stripIndent(), fenced(readme, number));
    }

    private static String fenced(String readme, int number) {
        int start = 0;
        for (int i = 0; i < number; i++) {
            start = readme.indexOf(FENCE, start) + FENCE.length();
            assertTrue(start >= FENCE.length(), "README.md has not " + number + " Java examples");
        }
        return readme.substring(start, readme.indexOf("```", start)).strip();
    }

    @Test
    void shouldStayShort() throws IOException {
        Path readme = Guests.ROOT.resolve("README.md");
        assertTrue(Files.readAllLines(readme).size() <= 200);
    }
}
