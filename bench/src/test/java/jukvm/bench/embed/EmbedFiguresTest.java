package jukvm.bench.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import jukvm.bench.result.Json;
import jukvm.error.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmbedFiguresTest {
    @Test
    void shouldBeADocument() throws IOException {
        JsonNode json = Json.MAPPER.readTree(Json.of(SomeFigures.good()));
        assertEquals(1.5, json.at("/ratio/shell").asDouble(), 0.01);
        assertEquals(10_000, json.at("/per_second").asDouble());
        assertEquals(150, json.at("/levels/shell/jukvm/p99").asDouble(), 0.2);
        assertEquals(100, json.at("/levels/shell/floor/median").asDouble(), 0.2);
        assertEquals(400, json.at("/open_loop/median").asDouble());
        assertEquals(1.0, json.at("/in_flight_growth").asDouble(), 0.01);
        assertEquals(64, json.at("/in_flight/2/workers").asInt());
        JsonNode failed = Json.MAPPER.readTree(Json.of(SomeFigures.failed()));
        assertEquals(1, failed.at("/wrong_results").asInt());
        assertEquals(1, failed.at("/failures/started cold instead of shell").asInt());
    }

    @Test
    void shouldRefuseAFileThatCannotBeWritten(@TempDir Path folder) {
        Path file = folder.resolve("none/figures.json");
        ConfigException refused =
                assertThrows(ConfigException.class, () -> EmbedCommand.open(file).close());
        assertEquals(
                "--json: cannot write: " + file + " (No such file or directory)",
                refused.getMessage());
    }
}
