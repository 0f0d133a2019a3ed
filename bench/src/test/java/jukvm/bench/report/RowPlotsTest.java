package jukvm.bench.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jukvm.bench.result.Json;
import jukvm.bench.result.ResultDirectory;
import jukvm.bench.result.Results;
import jukvm.bench.result.SomeResults;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

final class RowPlotsTest {
    private static final List<RowPlot> COMPLETE = RowPlot.of(SomeResults.complete());

    private static List<String> names(Results results) {
        return RowPlot.of(results).stream().map(RowPlot::name).toList();
    }

    private static List<String> texts(String svg) {
        NodeList nodes = Xml.parse(svg).getElementsByTagName("text");
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            texts.add(nodes.item(i).getTextContent());
        }
        return texts;
    }

    @Test
    void shouldDrawWhatWasMeasured() {
        assertEquals(List.of("latency", "throughput", "answers"), names(SomeResults.complete()));
        assertEquals(List.of("latency"), names(SomeResults.partial()));
    }

    @Test
    void shouldNameEverySystemWithItsFigures() {
        List<String> latency = texts(COMPLETE.get(0).svg());
        assertTrue(latency.containsAll(List.of("runc", "17.0 \u00b7 34.0", "crun", "8.00")));
        assertTrue(texts(COMPLETE.get(1).svg()).containsAll(List.of("jukvm-shell", "17,000")));
    }

    @Test
    void shouldDrawWhatAnswersOverHttpApart() {
        assertFalse(texts(COMPLETE.get(0).svg()).contains("http-runc"));
        assertFalse(texts(COMPLETE.get(1).svg()).contains("http-runc"));
        List<String> answers = texts(COMPLETE.get(2).svg());
        assertTrue(answers.containsAll(List.of("http-runc", "21.0", "http-snapshot", "2.50")));
        assertFalse(answers.contains("runc"));
    }

    @Test
    void shouldDrawTheBarsOfThePaper() {
        assertTrue(texts(COMPLETE.get(0).svg()).contains("100 ms: the paper's bar"));
        assertTrue(texts(COMPLETE.get(1).svg()).contains("125.23/s: the paper's bar"));
    }

    @Test
    void shouldDrawWithinItsBounds() {
        for (RowPlot plot : COMPLETE) {
            Element root = Xml.parse(plot.svg()).getDocumentElement();
            double width = Double.parseDouble(root.getAttribute("width"));
            NodeList dots = root.getElementsByTagName("circle");
            assertTrue(dots.getLength() >= plot.rows().size());
            for (int i = 0; i < dots.getLength(); i++) {
                String at = ((Element) dots.item(i)).getAttribute("cx");
                double x = Double.parseDouble(at);
                assertTrue(x >= 0 && x <= width, plot.name() + ": " + at);
            }
        }
    }

    @Test
    void shouldDrawTimesOfNothing(@TempDir Path folder) throws IOException {
        String json = Json.of(SomeResults.complete());
        Files.writeString(
                folder.resolve(ResultDirectory.NAME),
                json.replaceAll("\"(p5|p99|median|per_second)\" : [0-9.]+", "\"$1\" : 0"));
        List<RowPlot> plots = RowPlot.of(ResultDirectory.read(folder));
        assertEquals(List.of("latency", "answers"), plots.stream().map(RowPlot::name).toList());
        for (RowPlot plot : plots) {
            assertFalse(plot.svg().contains("NaN"));
            assertFalse(plot.svg().contains("Infinity"));
        }
    }
}
