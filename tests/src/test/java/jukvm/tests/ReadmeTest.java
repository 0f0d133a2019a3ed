package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The README's example is the one that is compiled and run here. */
final class ReadmeTest {
    @Test
    void shouldShowTheExampleThatIsCompiled() throws IOException {
        String source =
                Files.readString(
                        Guests.ROOT.resolve("tests/src/test/java/jukvm/examples/Hello.java"));
        String readme = Files.readString(Guests.ROOT.resolve("README.md"));
        assertEquals(body(source), fenced(readme));
    }

    private static String body(String source) {
        int start = source.indexOf("        try (Monitor");
        int end = source.lastIndexOf("    }\n}");
        return source.substring(start, end).stripTrailing().stripIndent();
    }

    private static String fenced(String readme) {
        int start = readme.indexOf("```java\n");
        assertTrue(start >= 0, "README.md has no Java example");
        return readme.substring(start + 8, readme.indexOf("```", start + 8)).strip();
    }

    @Test
    void shouldStayShort() throws IOException {
        Path readme = Guests.ROOT.resolve("README.md");
        assertTrue(Files.readAllLines(readme).size() <= 200);
    }
}
