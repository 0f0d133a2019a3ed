package jukvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbedReportTest {
    @TempDir Path folder = Path.of("");

    private static JsonNumbers written(EmbedFigures figures) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        EmbedReport.write(out, figures);
        return JsonNumbers.of(out.toString(StandardCharsets.UTF_8));
    }

    @Test
    void shouldWriteTheRatiosOfWhatWasMeasuredAndNoOthers() throws IOException {
        JsonNumbers json = written(SomeFigures.good());
        assertEquals(1.2, json.at("ratio.cold"), 0.01);
        assertEquals(1.5, json.at("ratio.shell"), 0.01);
        assertEquals(1.04, json.at("ratio.exit"), 0.01);
        assertEquals(0.625, json.at("ratio.throughput"), 0.001);
        assertEquals(10_000, json.at("actions_per_second"));
        Set<String> ratios = new TreeSet<>(json.numbers().keySet());
        ratios.removeIf(name -> !name.startsWith("ratio."));
        assertEquals(Set.of("ratio.cold", "ratio.shell", "ratio.exit", "ratio.throughput"), ratios);
    }

    @Test
    void shouldWritePercentilesInMicroseconds() throws IOException {
        JsonNumbers json = written(SomeFigures.good());
        assertEquals(150, json.at("levels_us.shell.jukvm.p99"), 0.2);
        assertEquals(100, json.at("levels_us.shell.floor.median"), 0.2);
        assertEquals(400, json.at("open_loop.us.median"), 0.5);
        assertEquals(1.0, json.at("in_flight_growth"), 0.01);
        assertEquals(64, json.at("in_flight[2].threads"));
    }

    @Test
    void shouldWriteFailures() throws IOException {
        JsonNumbers json = written(SomeFigures.failed());
        assertEquals(1, json.at("wrong_results"));
        assertEquals(1, json.at("failures.printed something else"));
        assertEquals(1, json.at("failures.started cold instead of shell"));
    }

    @Test
    void shouldWriteToAFile() throws IOException {
        Path file = folder.resolve("figures.json");
        Files.writeString(file, "older");
        try (EmbedReport report = EmbedReport.open(file)) {
            report.write(SomeFigures.good());
        }
        assertEquals(0, JsonNumbers.of(Files.readString(file)).at("wrong_results"));
    }

    @Test
    void shouldRefuseAFileThatCannotBeWritten() {
        Path file = folder.resolve("none/figures.json");
        ConfigException refused =
                assertThrows(ConfigException.class, () -> EmbedReport.open(file).close());
        assertEquals(
                "--json: cannot write: " + file + " (No such file or directory)",
                refused.getMessage());
    }
}
