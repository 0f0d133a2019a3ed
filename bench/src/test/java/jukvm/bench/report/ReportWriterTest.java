package jukvm.bench.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jukvm.bench.result.ResultDirectory;
import jukvm.bench.result.Results;
import jukvm.bench.result.SomeResults;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReportWriterTest {
    private static final String RAW = "system,round,hello_us\n";

    @TempDir Path folder = Path.of("");

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(Path::getFileName).sorted().toList();
        }
    }

    private static void write(Path directory, Results results) {
        ReportWriter.write(directory, results, Map.of("latency.csv", RAW));
    }

    @Test
    void shouldWriteEverythingTheSameEachTime() throws IOException {
        Path first = folder.resolve("new/first");
        Path second = folder.resolve("second");
        Files.createDirectories(first);
        Files.createDirectories(second);
        write(first, SomeResults.complete());
        write(second, SomeResults.complete());
        assertEquals(SomeResults.complete(), ResultDirectory.read(first));
        assertTrue(files(first).contains(Path.of(ReportWriter.PAGE)));
        assertEquals(RAW, Files.readString(first.resolve("latency.csv")));
        assertEquals(files(first), files(second));
        for (Path file : files(first)) {
            assertFalse(file.toString().startsWith("."), file.toString());
            assertArrayEquals(
                    Files.readAllBytes(first.resolve(file)),
                    Files.readAllBytes(second.resolve(file)),
                    file.toString());
        }
    }

    @Test
    void shouldNameTheFileAndTheCause() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "not a directory");
        String message =
                assertThrows(ConfigException.class, () -> write(file, SomeResults.partial()))
                        .getMessage();
        assertTrue(message.startsWith(file + "/results.json: cannot write: "), message);
        assertEquals(1, message.lines().count(), message);
    }

    @Test
    void shouldLeaveNoHalfOfAFile() throws IOException {
        Files.createDirectories(folder.resolve("report.html/in the way"));
        String message =
                assertThrows(ConfigException.class, () -> write(folder, SomeResults.partial()))
                        .getMessage();
        assertTrue(message.startsWith(folder.resolve("report.html") + ": cannot write: "), message);
        assertEquals(SomeResults.partial(), ResultDirectory.read(folder));
        for (Path left : files(folder)) {
            assertFalse(left.toString().endsWith(".unfinished"), left.toString());
        }
    }
}
