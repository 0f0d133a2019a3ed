package jukvm.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jukvm.bench.Main;
import jukvm.bench.result.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command as it hands on to JMH, in this JVM and with so few calls that no figure counts. */
final class JmhCommandTest {
    @TempDir Path folder = Path.of("");

    private final StringWriter err = new StringWriter();

    private int jmh(String... arguments) {
        List<String> words = new ArrayList<>(List.of("jmh"));
        words.addAll(List.of(arguments));
        return Main.commandLine()
                .setErr(new PrintWriter(err, true))
                .execute(words.toArray(String[]::new));
    }

    private String[] once(String... arguments) {
        List<String> words = new ArrayList<>(List.of(arguments));
        words.addAll(List.of("-f", "0", "-wi", "0", "-i", "1", "-r", "1ms", "-o", out()));
        return words.toArray(String[]::new);
    }

    private String out() {
        return folder.resolve("out").toString();
    }

    @Test
    void shouldListBenchmarksByRegex() throws IOException {
        assertEquals(0, jmh("-l", "MemoryAccess.u64", "-o", out()));
        assertEquals(
                List.of(
                        "Benchmarks: ",
                        "jukvm.bench.jmh.MemoryAccess.u64",
                        "jukvm.bench.jmh.MemoryAccess.u64Plain"),
                Files.readAllLines(Path.of(out())));
    }

    @Test
    void shouldListParameters() throws IOException {
        assertEquals(0, jmh("-lp", "ImageParse", "-o", out()));
        assertTrue(Files.readString(Path.of(out())).contains("HELLO_4_MIB"));
    }

    @Test
    void shouldRunByRegexAndPrintUnitsAndWriteJson() throws IOException {
        Path json = folder.resolve("json");
        assertEquals(0, jmh(once("HypercallDispatch.puts", "-rf", "json", "-rff", json + "")));
        String text = Files.readString(Path.of(out()));
        assertTrue(text.contains("ns/op"), text);
        String document = Files.readString(json);
        assertTrue(document.contains("\"jukvm.bench.jmh.HypercallDispatch.puts\""), document);
        assertTrue(document.contains("\"scoreUnit\" : \"ns/op\""), document);
        assertTrue(Json.MAPPER.readTree(document).at("/0/primaryMetric/score").asDouble() > 0);
    }

    @Test
    void shouldSayThatNothingMatchesInOneLine() {
        assertEquals(Main.FAILURE, jmh(once("NoSuchBenchmark")));
        assertEquals(
                "jukvm: jmh: no benchmark matches [NoSuchBenchmark]. -l lists them.\n",
                err.toString());
    }

    @Test
    void shouldSayWhichOptionIsUnknownInOneLine() {
        assertEquals(Main.FAILURE, jmh("-nonsense"));
        assertTrue(err.toString().startsWith("jukvm: jmh: "), err.toString());
        assertEquals(1, err.toString().lines().count(), err.toString());
    }
}
