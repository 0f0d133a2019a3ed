package jukvm.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.bench.result.Json;
import jukvm.bench.result.ResultDirectory;
import jukvm.bench.result.Results;
import jukvm.bench.result.SomeResults;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ComparisonTest {
    @TempDir Path folder = Path.of("");

    private Path write(String name, String document) throws IOException {
        Path directory = Files.createDirectories(folder.resolve(name));
        Files.writeString(directory.resolve(ResultDirectory.NAME), document);
        return directory;
    }

    private Path write(String name, Results results) throws IOException {
        return write(name, Json.of(results));
    }

    // The same results, but that containers of runc take longer.
    private Path slower(String name) throws IOException {
        String json = Json.of(SomeResults.complete());
        return write(
                name,
                json.replace("\"median\" : 17000.0", "\"median\" : 18700.0")
                        .replace("\"low\" : 16745.0", "\"low\" : 18400.0")
                        .replace("\"high\" : 17340.0", "\"high\" : 19000.0"));
    }

    private static List<String> lines(Path... directories) {
        return Comparison.of(List.of(directories)).lines().toList();
    }

    private static String line(List<String> lines, String after, String begin) {
        return lines.subList(lines.indexOf(section(lines, after)), lines.size()).stream()
                .filter(line -> line.startsWith(begin + " "))
                .findFirst()
                .orElseThrow(() -> new AssertionError(String.join("\n", lines)))
                .replaceAll(" +", " ");
    }

    private static String section(List<String> lines, String begin) {
        return lines.stream().filter(line -> line.startsWith(begin)).findFirst().orElseThrow();
    }

    private static String refused(Path... directories) {
        String message =
                assertThrows(ConfigException.class, () -> Comparison.of(List.of(directories)))
                        .getMessage();
        assertEquals(1, message.lines().count(), message);
        return message;
    }

    @Test
    void shouldTellAChangeFromNone() throws IOException {
        List<String> lines = lines(write("a", SomeResults.complete()), slower("b"));
        assertEquals(
                "runc 17.0 18.7 +10.0 %, outside both intervals",
                line(lines, "median, ms", "runc"));
        assertEquals(
                "crun 8.00 8.00 +0.0 %, within an interval", line(lines, "median, ms", "crun"));
        assertEquals("runc 90.0 90.0 +0.0 %", line(lines, "peak, actions/s", "runc"));
        assertEquals("runc 56.7 56.7 +0.0 %", line(lines, "fetch and start, p99", "runc"));
        assertFalse(String.join("\n", lines).contains("warning"));
    }

    @Test
    void shouldFitTheTerminal() throws IOException {
        Path a = write("a", SomeResults.complete());
        Path b = write("b", SomeResults.failing());
        for (String line : lines(a, b)) {
            assertTrue(line.length() <= Lines.WIDTH || line.contains(folder.toString()), line);
            assertEquals(line.stripTrailing(), line);
        }
    }

    @Test
    void shouldSayWhetherTheVerdictIsTheSame() throws IOException {
        List<String> lines =
                lines(write("a", SomeResults.complete()), write("b", SomeResults.failing()));
        assertEquals(
                "Fetch and start met 7.20 not met 132 DIFFERS",
                line(lines, "bars of the paper", "Fetch and start"));
        assertEquals(
                "Throughput against runc met 27.0 met 6.80 same",
                line(lines, "bars of the paper", "Throughput against runc"));
    }

    @Test
    void shouldShowWhatOnlyOneHas() throws IOException {
        List<String> lines =
                lines(write("a", SomeResults.complete()), write("b", SomeResults.partial()));
        assertEquals("crun 8.00 -", line(lines, "median, ms", "crun"));
    }

    @Test
    void shouldShowHowFarManySpread() throws IOException {
        Path a = write("a", SomeResults.complete());
        Path b = write("b", SomeResults.muchMissing());
        List<String> lines = lines(a, b, slower("c"));
        assertEquals("runc 17.0 - 18.7 17.0 .. 18.7, 9.5 %", line(lines, "median, ms", "runc"));
    }

    @Test
    void shouldWarnOfOtherHosts() throws IOException {
        String json = Json.of(SomeResults.complete());
        Path other =
                write(
                        "b",
                        json.replace("6.18.44", "6.12.1")
                                .replace("17.0.15", "25.0.3")
                                .replace("\"plan\" : \"full\"", "\"plan\" : \"quick\""));
        List<String> lines = lines(write("a", SomeResults.complete()), other);
        assertTrue(lines.contains("warning: kernel differs: A 6.18.44; B 6.12.1"), "" + lines);
        assertTrue(lines.contains("warning: plan differs: A full; B quick"), "" + lines);
        assertTrue(
                lines.contains("warning: JDK differs: A 17.0.15 (Debian); B 25.0.3 (Debian)"),
                "" + lines);
    }

    @Test
    void shouldRefuseWhatCannotBeCompared() throws IOException {
        Path a = write("a", SomeResults.complete());
        Path old =
                write(
                        "old",
                        Json.of(SomeResults.complete())
                                .replace("\"schema\" : 1,", "\"schema\" : 0,"));
        Path none = folder.resolve("none");
        assertTrue(refused(a, none).startsWith(none + ": no results there"));
        assertTrue(refused(a, old).startsWith(old + "/results.json: schema 0, this version"));
        Path same = a.resolve("../a");
        assertEquals(
                "compare: " + a + " and " + same + " are the same directory", refused(a, same));
        assertEquals("compare: need from 2 to 26 result directories, got 1", refused(a));
    }
}
