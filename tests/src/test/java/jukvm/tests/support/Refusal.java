package jukvm.tests.support;

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

/**
 * A command that must be refused: one line on stderr that says what is wrong, nothing on stdout,
 * status 1, and the folder it ran in as it was.
 *
 * @param arguments of jukvm
 * @param facts what the line must contain
 */
public record Refusal(List<String> arguments, List<String> facts) {
    /** Returns a row of a table of refusals. */
    public static Refusal row(List<String> arguments, String... facts) {
        return new Refusal(arguments, List.of(facts));
    }

    /** Runs it in a process of its own. */
    public void assertIn(Path folder) throws Exception {
        assertIn(folder, words -> Command.shell("cd " + folder + " && exec \"$@\"", words));
    }

    /** Runs it in this process, which is a hundred times as fast and skips what starts a JVM. */
    public void assertHere(Path folder) throws Exception {
        assertIn(folder, words -> Command.here(folder, words));
    }

    /** Runs a command to its end. */
    private interface Runner {
        Command run(String... words) throws Exception;
    }

    private void assertIn(Path folder, Runner runner) throws Exception {
        Map<Path, String> before = contents(folder);
        Command run = runner.run(arguments.toArray(String[]::new));
        assertRefused(run, facts.toArray(String[]::new));
        assertEquals(before, contents(folder));
    }

    public static void assertRefused(Command run, String... facts) {
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
