package jukvm.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import jukvm.bench.result.Results;
import jukvm.bench.result.SomeResults;
import jukvm.bench.result.SystemResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class PageTest {
    static Stream<Results> variants() {
        return Stream.of(
                SomeResults.complete(),
                SomeResults.partial(),
                SomeResults.muchMissing(),
                SomeResults.failing());
    }

    private static String page(Results results) {
        return Page.of(results, List.of());
    }

    private static String text(Results results) {
        return Xml.parse(page(results)).getDocumentElement().getTextContent();
    }

    @ParameterizedTest
    @MethodSource("variants")
    void shouldBeWellFormedAndSelfContained(Results results) {
        String page = Page.of(results, RowPlot.of(results));
        Xml.parse(page);
        String own =
                page.replace("xmlns=\"http://www.w3.org/2000/svg\"", "")
                        .replace("xmlns:xlink=\"http://www.w3.org/1999/xlink\"", "");
        for (String outside :
                List.of("http:", "https:", "src=", "url(http", "@import", "<script")) {
            assertFalse(own.contains(outside), outside);
        }
    }

    @ParameterizedTest
    @MethodSource("variants")
    void shouldShowEverySystemMeasuredOrNot(Results results) {
        String text = text(results);
        for (SystemResult system : results.systems()) {
            assertTrue(text.contains(system.id()), system.id());
            assertTrue(text.contains(system.title()), system.title());
        }
        results.missing().forEach(missing -> assertTrue(text.contains(missing.reason())));
        results.missing().forEach(missing -> assertTrue(text.contains(missing.remedy())));
        assertEquals(results.missing().isEmpty(), text.contains("Nothing: all were there."));
    }

    @Test
    void shouldEscapeWhatProgramsSaid() {
        String page = page(SomeResults.failing());
        assertTrue(
                page.contains(
                        "printed &lt;script&gt;alert('x')&lt;/script&gt; &amp;"
                                + " &quot;more&quot;\ufffd"),
                page);
    }

    @Test
    void shouldEscapeAttributesAndHalvesOfPairs() {
        Html html = new Html("");
        html.element("p", "\ud800 \udc00 \ud83d\ude00", "title", "\"><b onclick='x'>&\u0000");
        String page = html.page();
        assertTrue(
                page.endsWith(
                        "<p title=\"&quot;&gt;&lt;b onclick='x'&gt;&amp;\ufffd\">"
                                + "\ufffd \ufffd \ud83d\ude00</p>\n"),
                page);
    }

    @Test
    void shouldSayWhichBarsAreMet() {
        String text = text(SomeResults.complete());
        assertTrue(text.contains("All four bars of the paper are met."), text);
        assertTrue(text.contains("That is 13.9 times below the bar."), text);
        assertTrue(text.contains("runc takes 24.3 times as long (23.6 to 25.0)."), text);
        assertFalse(text.contains("not met"), text);
    }

    @Test
    void shouldSayWhichBarsAreNot() {
        String text = text(SomeResults.failing());
        assertTrue(text.contains("1 of 4 bars of the paper is met, 3 are not."), text);
        assertTrue(text.contains("Fetch and start not met"), text);
        assertTrue(text.contains("That is 1.32 times over the bar."), text);
        assertTrue(text.contains("That is 2.00 times short of the bar."), text);
    }

    @Test
    void shouldSayThatAnExperimentEndedEarly() {
        assertTrue(page(SomeResults.partial()).contains("id=\"partial\""));
        assertFalse(page(SomeResults.complete()).contains("id=\"partial\""));
        String text = text(SomeResults.partial());
        assertTrue(text.contains("Partial: interrupted after the latency of 3 systems."), text);
        assertTrue(text.contains("1 of 4 bars of the paper is met, 3 not measured."), text);
    }

    @Test
    void shouldPutRatiosAndThePapersBesideEachOther() {
        String text = text(SomeResults.complete()).replaceAll("\\s+", " ");
        assertTrue(text.contains(" runc 17.0 (16.7 to 17.3) "), text);
        assertTrue(text.contains(" 24.3 90.0 "), text);
        assertTrue(text.contains("almost 6 times as long as a process"), text);
    }

    @Test
    void shouldSayWhatFailedOrThatNothingDid() {
        String none = text(SomeResults.complete());
        assertTrue(none.contains("None. The output and the status"), none);
        String some = text(SomeResults.failing());
        assertTrue(some.contains("17 actions failed."), some);
        assertTrue(some.contains("no result within 10 s"), some);
        assertTrue(some.contains("connection refused"), some);
    }

    @Test
    void shouldNameThreatsOfTheHost() {
        String text = text(SomeResults.complete());
        assertTrue(text.contains("This host's KVM is PVM"), text);
        assertTrue(text.contains("this host has 2, and the rate was not scaled"), text);
        assertTrue(text.contains("The hypervisor took 0.3 % of"), text);
    }
}
