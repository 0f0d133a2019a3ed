package jukvm.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import jukvm.bench.result.Results;
import jukvm.bench.result.SomeResults;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class SummaryTableTest {
    private static List<String> lines(Results results) {
        return SummaryTable.of(results, Path.of("out")).lines().toList();
    }

    @ParameterizedTest
    @MethodSource("jukvm.bench.report.PageTest#variants")
    void shouldFitTheTerminal(Results results) {
        for (String line : lines(results)) {
            assertTrue(line.length() <= Lines.WIDTH, line);
            assertEquals(line.stripTrailing(), line);
        }
    }

    @Test
    void shouldSayTheVerdictFirst() {
        List<String> lines = lines(SomeResults.failing());
        assertEquals("1 of 4 bars of the paper is met, 3 are not.", lines.get(0));
        assertEquals(
                "not met       Fetch and start          132 ms: 1.32 times over the bar",
                lines.get(1));
        assertEquals("              p99 of fetch and start is 131.5 ms.", lines.get(2));
    }

    @Test
    void shouldSayBeforeAllElseThatItIsPartial() {
        String first = lines(SomeResults.partial()).get(0);
        assertTrue(first.startsWith("PARTIAL: interrupted after the latency of 3 systems"), first);
    }

    @ParameterizedTest
    @MethodSource("jukvm.bench.report.PageTest#variants")
    void shouldShowEverySystemAndFetch(Results results) {
        List<String> lines = lines(results);
        results.systems()
                .forEach(s -> assertTrue(lines.stream().anyMatch(l -> l.startsWith(s.id() + " "))));
        results.missing()
                .forEach(
                        m ->
                                assertTrue(
                                        lines.stream()
                                                .anyMatch(l -> l.contains("measured: " + m.id()))));
        assertEquals("report: out/report.html", lines.get(lines.size() - 1));
    }

    @Test
    void shouldShowWhatAnswersOverHttpApart() {
        List<String> lines = lines(SomeResults.complete());
        int heads = (int) lines.stream().takeWhile(line -> !line.startsWith("over HTTP")).count();
        assertTrue(lines.get(heads + 1).startsWith("http-process"), lines.get(heads + 1));
        assertTrue(lines.subList(0, heads).stream().noneMatch(line -> line.startsWith("http-")));
    }

    @Test
    void shouldShowWhatEnginesAreAskedForApart() {
        List<String> lines = lines(SomeResults.complete());
        int heads = (int) lines.stream().takeWhile(line -> !line.startsWith("by an eng")).count();
        String runc = lines.get(heads + 1);
        assertTrue(runc.matches("engine-docker-runc +256 \\(252 to 261\\) .*"), runc);
        assertTrue(lines.get(heads + 2).startsWith("engine-docker-jukvm "), lines.get(heads + 2));
        assertTrue(lines.subList(0, heads).stream().noneMatch(line -> line.startsWith("engine-")));
    }

    @Test
    void shouldSayWhatFailedWithoutControlCharacters() {
        List<String> lines = lines(SomeResults.failing());
        assertTrue(
                lines.contains(
                        "failed: 12 actions of runc: printed <script>alert('x')</script> &"
                                + " \"more\"?"),
                String.join("\n", lines));
        assertFalse(lines.contains("Every action ended and printed as it must."));
    }
}
