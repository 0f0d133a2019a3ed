package jukvm.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultDirectoryTest {
    @TempDir private Path folder;

    private static String refusal(Path directory) {
        ConfigException refused =
                assertThrows(ConfigException.class, () -> ResultDirectory.make(directory));
        return String.valueOf(refused.getMessage());
    }

    @Test
    void shouldMakeWhatIsMissingAndLeaveItEmpty() throws IOException {
        Path directory = folder.resolve("a/b");
        assertEquals(directory, ResultDirectory.make(directory));
        assertEquals(directory, ResultDirectory.make(directory));
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void shouldTakeADirectoryThatALinkLeadsTo() throws IOException {
        Path target = Files.createDirectory(folder.resolve("target"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        assertEquals(link, ResultDirectory.make(link));
    }

    @Test
    void shouldRefuseWhatHasSomethingInIt() throws IOException {
        Files.createFile(folder.resolve("file"));
        assertEquals(
                "--out: " + folder + " is not empty. Name another directory, or one to be made.",
                refusal(folder));
    }

    @Test
    void shouldRefuseAFile() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertEquals("--out: " + file + " is a file, need a directory", refusal(file));
        String below = refusal(file.resolve("below"));
        assertTrue(below.startsWith("--out: " + file), below);
    }

    // Not even root can write there.
    @Test
    void shouldRefuseWhereNothingCanBeWritten() {
        String refusal = refusal(Path.of("/proc/jukvm-bench"));
        assertTrue(refusal.startsWith("--out: /proc/jukvm-bench: cannot be written: "), refusal);
        assertTrue(refusal.endsWith(". Name another directory."), refusal);
        assertEquals(1, refusal.lines().count());
    }

    @Test
    void shouldNameADirectoryByDate() {
        String name = ResultDirectory.named().toString();
        assertTrue(name.matches("jukvm-bench-\\d{8}-\\d{6}"), name);
    }
}
