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

final class ResultFileTest {
    @TempDir Path folder = Path.of("");

    static Stream<Results> shouldReadWhatItWrote() {
        return Stream.of(
                SomeResults.complete(),
                SomeResults.partial(),
                SomeResults.muchMissing(),
                SomeResults.failing());
    }

    private Path write(String document) throws IOException {
        return Files.writeString(folder.resolve(ResultFile.NAME), document);
    }

    private String refused(Path directory) {
        String message =
                assertThrows(ConfigException.class, () -> ResultFile.read(directory)).getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    @ParameterizedTest
    @MethodSource
    void shouldReadWhatItWrote(Results results) throws IOException {
        write(Json.of(results));
        assertEquals(results, ResultFile.read(folder));
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
        assertEquals(SomeResults.complete(), ResultFile.read(folder));
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
}
