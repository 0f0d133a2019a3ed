package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/**
 * A command that must be refused: one line on stderr that says what is wrong, nothing on stdout,
 * status 1, and the folder it ran in as it was.
 *
 * @param arguments of jukvm
 * @param facts what the line must contain
 */
record Refusal(List<String> arguments, List<String> facts) {
    /** Returns a row of a table of refusals: its id, the arguments, the facts. */
    static Arguments row(String id, List<String> arguments, String... facts) {
        return Arguments.of(id, new Refusal(arguments, List.of(facts)));
    }

    void assertIn(Path folder) throws Exception {
        Map<Path, String> before = contents(folder);
        Command run =
                Command.shell("cd " + folder + " && exec \"$@\"", arguments.toArray(String[]::new));
        assertRefused(run, facts.toArray(String[]::new));
        assertEquals(before, contents(folder));
    }

    static void assertRefused(Command run, String... facts) {
        assertEquals("", run.stdout());
        assertEquals(1, run.stderr().lines().count(), run.stderr());
        assertTrue(run.stderr().startsWith("jukvm: "), run.stderr());
        for (String fact : facts) {
            assertTrue(run.stderr().contains(fact), () -> fact + " in " + run.stderr());
        }
        assertEquals(1, run.status());
    }

    private static Map<Path, String> contents(Path folder) throws IOException {
        Map<Path, String> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Map<String, Object> facts =
                        Files.readAttributes(
                                file,
                                "unix:size,lastModifiedTime,ino,mode",
                                LinkOption.NOFOLLOW_LINKS);
                contents.put(file, new TreeMap<>(facts).toString());
            }
        }
        return contents;
    }

    @Override
    public String toString() {
        return String.join(" ", arguments);
    }
}
