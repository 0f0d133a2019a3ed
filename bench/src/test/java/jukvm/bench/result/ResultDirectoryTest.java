package jukvm.bench.result;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ResultDirectoryTest {
    @TempDir Path folder = Path.of("");

    static Stream<Results> shouldReadWhatItWrote() {
        return Stream.of(
                SomeResults.complete(),
                SomeResults.partial(),
                SomeResults.muchMissing(),
                SomeResults.failing());
    }

    private Path write(String document) throws IOException {
        return Files.writeString(folder.resolve(ResultDirectory.NAME), document);
    }

    private String refused(Path directory) {
        String message =
                assertThrows(ConfigException.class, () -> ResultDirectory.read(directory))
                        .getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    @ParameterizedTest
    @MethodSource
    void shouldReadWhatItWrote(Results results) throws IOException {
        write(Json.of(results));
        assertEquals(results, ResultDirectory.read(folder));
    }

    @Test
    void shouldNameFieldsInSnakeCaseAndWriteNoMore() {
        String json = Json.of(SomeResults.complete());
        assertTrue(json.contains("\"fetch_and_start\""), json);
        assertTrue(json.contains("\"per_second\""), json);
        assertFalse(json.contains("\"all\""), "a method of Verdict is no field");
        assertTrue(json.endsWith("}\n"));
    }

    @Test
    void shouldIgnoreFieldsOfLaterVersions() throws IOException {
        String json = Json.of(SomeResults.complete());
        write(json.replace("\"schema\" : 1,", "\"schema\" : 1, \"later\" : {\"a\" : [1]},"));
        assertEquals(SomeResults.complete(), ResultDirectory.read(folder));
    }

    @Test
    void shouldRefuseAnotherSchema() throws IOException {
        Path file =
                write(Json.of(SomeResults.partial()).replace("\"schema\" : 1,", "\"schema\" : 0,"));
        assertEquals(
                file + ": schema 0, this version reads 1. Measure again with jukvm bench.",
                refused(folder));
    }

    @Test
    void shouldSayThatThereAreNoResults() {
        Path none = folder.resolve("none");
        String message = refused(none);
        assertTrue(message.startsWith(none + ": no results there"), message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "{\"schema\" : \"x\"}", "{\"schema\" : 1}", "null", "7"})
    void shouldRefuseWhatIsNoResultDocument(String document) throws IOException {
        Path file = write(document);
        String message = refused(folder);
        assertTrue(message.startsWith(file + ": not a result document: "), message);
    }

    private static String refusal(Path directory) {
        ConfigException refused =
                assertThrows(ConfigException.class, () -> ResultDirectory.make(directory));
        return String.valueOf(refused.getMessage());
    }

    @Test
    void shouldMakeWhatIsMissingAndLeaveItEmpty() throws IOException {
        Path directory = folder.resolve("a/b");
        ResultDirectory.make(directory);
        ResultDirectory.make(directory);
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(0, files.count());
        }
    }

    @Test
    void shouldTakeADirectoryThatALinkLeadsTo() throws IOException {
        Path target = Files.createDirectory(folder.resolve("target"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        ResultDirectory.make(link);
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
