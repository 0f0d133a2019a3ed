package jukvm.bench.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import jukvm.bench.Main;
import jukvm.bench.result.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class CostCommandTest {
    private static final int WIDTH = 80;

    private static String cost(String... options) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line =
                Main.commandLine()
                        .setOut(new PrintWriter(out, true))
                        .setErr(new PrintWriter(err, true));
        String[] words = new String[options.length + 1];
        words[0] = "cost";
        System.arraycopy(options, 0, words, 1, options.length);
        int status = line.execute(words);
        assertEquals(status == 0, err.toString().isEmpty(), err.toString());
        return status == 0 ? out.toString() : err.toString();
    }

    private static List<String> lines(String text) {
        return text.lines().map(line -> line.replaceAll(" +", " ")).toList();
    }

    @Test
    void shouldShowThePaperAndTodayIfNothingIsGiven() {
        List<String> lines = lines(cost());
        assertEquals("what actions/s per core core-ms budget", lines.get(0));
        assertEquals("paper: 100-ms quantum, no fee 125.23 31.31 31.94", lines.get(1));
        assertEquals("today: 1-ms quantum, no fee 12,533 3,133.33 0.319", lines.get(4));
        assertEquals(6, lines.size());
    }

    @Test
    void shouldShowWhatIsGivenAndTodayBeneath() {
        List<String> lines =
                lines(
                        cost(
                                "--server-price=0.376",
                                "--memory-price=0.00001667",
                                "--memory=256",
                                "--quantum=100",
                                "--duration=150",
                                "--fee=0.2",
                                "--cores=8"));
        assertEquals("as given 101.01 12.63 79.20", lines.get(1));
        assertEquals("today: 1-ms quantum, no fee 167.11 20.89 47.87", lines.get(2));
        assertTrue(lines.get(3).startsWith("today, with the fee of $0.20/M 126.6"), lines.get(3));
        assertEquals(4, lines.size());
    }

    @ParameterizedTest
    @CsvSource({"--memory=256", "--cores=4", "--quantum=100", "--fee=0", "--duration=3"})
    void shouldComeToThePapersRateHoweverItIsSpelt(String option) {
        assertTrue(lines(cost(option)).get(1).startsWith("as given 125.23 31.31 31.94"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--cores=1",
                "--server-price=1e9",
                "--memory-price=1e-12",
                "--memory=1e9",
                "--quantum=1e-12 --duration=1e9 --memory-price=1e9",
                "--server-price=1e-12 --cores=2147483647",
            })
    void shouldFitTheTerminalWhateverIsGiven(String options) {
        for (String line : cost(options.split(" ")).lines().toList()) {
            assertTrue(line.length() <= WIDTH, line);
        }
    }

    @Test
    void shouldWriteJson() throws IOException {
        JsonNode rows = Json.MAPPER.readTree(cost("--json")).path("rows");
        assertEquals(5, rows.size());
        assertEquals(125.23, rows.path(0).path("actions_per_second").asDouble(), 0.005);
        assertEquals(31.31, rows.path(0).path("actions_per_second_per_core").asDouble(), 0.005);
        assertEquals(31.94, rows.path(0).path("core_ms_per_action").asDouble(), 0.005);
        assertEquals(255.8, rows.path(4).path("actions_per_second").asDouble(), 0.05);
        assertEquals(4, rows.path(0).size());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--server-price=0 | --server-price: need a number from 1e-12 to 1e9, not 0.0",
                "--memory-price=-1 | --memory-price: need a number from 1e-12 to 1e9, not -1.0",
                "--memory=NaN | --memory: need a number from 1e-12 to 1e9, not NaN",
                "--quantum=Infinity | --quantum: need a number from 1e-12 to 1e9, not Infinity",
                "--duration=0 | --duration: need a number from 1e-12 to 1e9, not 0.0",
                "--fee=-0.2 | --fee: need a number from 0 to 1e9, not -0.2",
                "--fee=2e9 | --fee: need a number from 0 to 1e9, not 2.0E9",
                "--cores=0 | --cores: need a number of cores from 1, not 0",
            })
    void shouldRefuseWhatIsNoAmountInOneLine(String option, String line) {
        assertEquals("jukvm: " + line + "\n", cost(option));
    }

    @ParameterizedTest
    @ValueSource(strings = {"--memory=much", "--cores=2.5"})
    void shouldRefuseWhatIsNoNumberInOneLine(String option) {
        String name = option.substring(0, option.indexOf('='));
        List<String> lines = cost(option).lines().toList();
        assertEquals(1, lines.size());
        assertTrue(lines.get(0).startsWith("jukvm: ") && lines.get(0).contains(name), lines.get(0));
    }
}
