package jukvm.bench.embed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EmbedTableTest {
    private static final int WIDTH = 100;

    private static List<String> lines(EmbedFigures figures) {
        return EmbedTable.of(figures).lines().toList();
    }

    private static String line(EmbedFigures figures, String begin) {
        return lines(figures).stream()
                .filter(line -> line.startsWith(begin))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line begins with " + begin));
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.001, 1, 10_000})
    void shouldFitTheTerminalHoweverLongItTook(double times) {
        // The first two lines are the host's own words.
        for (String line : lines(SomeFigures.of(times, Map.of())).subList(2, 20)) {
            assertTrue(line.length() <= WIDTH, line);
            assertEquals(line.stripTrailing(), line);
        }
    }

    @Test
    void shouldShowEachLevelWithItsRatio() {
        String shell = line(SomeFigures.good(), "shell, ").replaceAll(" +", " ");
        assertTrue(shell.startsWith("shell, to result 150 150 100 100 1.50 2 0"), shell);
    }

    @Test
    void shouldSayHowTimeGrowsWithGuestsInFlight() {
        String growth = line(SomeFigures.good(), "median(64)/64");
        assertTrue(growth.endsWith("no worse than linear (1.25)"), growth);
    }

    @Test
    void shouldSayWhatFailed() {
        String text = EmbedTable.of(SomeFigures.failed());
        assertTrue(text.contains("1 runs failed: printed something else\n"), text);
        assertTrue(text.contains("1 runs failed: started cold instead of shell\n"), text);
    }
}
