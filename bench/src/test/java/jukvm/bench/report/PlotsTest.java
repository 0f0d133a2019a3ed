package jukvm.bench.report;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import jukvm.bench.result.ResultFile;
import jukvm.bench.result.Results;
import jukvm.bench.result.SomeResults;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

final class PlotsTest {
    private static final int SMALL = 100_000;
    private static final Set<String> ALL =
            Set.of("latency", "cdf", "throughput", "open-loop", "phases", "memory");

    private static String svg(Results results, String name) {
        byte[] bytes = Objects.requireNonNull(Fonts.plots(results).files().get(name + ".svg"));
        return new String(bytes, StandardCharsets.UTF_8);
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
    void shouldDrawEveryPlotAsBothKindsOfFile() {
        Set<String> names = new HashSet<>();
        ALL.forEach(name -> names.addAll(List.of(name + ".png", name + ".svg")));
        assertEquals(names, Fonts.plots(SomeResults.complete()).files().keySet());
        assertEquals(names, Set.copyOf(Plots.names()));
    }

    @Test
    void shouldLeaveOutPlotsWithoutData() {
        Plots plots = Fonts.plots(SomeResults.partial());
        assertEquals(
                Set.of("latency.png", "latency.svg", "cdf.png", "cdf.svg"), plots.files().keySet());
        assertEquals(2, plots.drawn().size());
        assertEquals(List.of(), plots.notices());
    }

    @ParameterizedTest
    @ValueSource(strings = {"latency", "cdf", "throughput", "open-loop", "phases", "memory"})
    void shouldWriteLettersAndNotTheirOutlines(String name) {
        String svg = svg(SomeResults.complete(), name);
        String text = String.join(" ", texts(svg));
        assertTrue(text.contains("AMD EPYC 9K65 192-Core Processor, 2 cores, kvm_pvm"), text);
        assertTrue(text.contains("reconstruct"), text);
        assertTrue(text.contains("jukvm-"), text);
        assertTrue(Pattern.compile("\\[(ms|1/s|%|MiB)\\]").matcher(text).find(), text);
        assertTrue(svg.length() < SMALL, name + ": " + svg.length());
    }

    @Test
    void shouldDrawTheBarsOfThePaper() {
        Results results = SomeResults.complete();
        assertTrue(texts(svg(results, "latency")).contains("100 ms, the paper's bar"));
        assertTrue(texts(svg(results, "cdf")).contains("100 ms"));
        assertTrue(texts(svg(results, "throughput")).contains("125.23/s, paper"));
        assertTrue(texts(svg(results, "open-loop")).contains("100 ms, paper"));
    }

    @Test
    void shouldCompareLatencyWithTheProcess() {
        List<String> texts = texts(svg(SomeResults.complete(), "latency"));
        assertTrue(texts.containsAll(List.of("17.0 ms", "48.6\u00d7", "1.00\u00d7")), "" + texts);
    }

    @Test
    void shouldMarkRatesThatDidNotHold() {
        List<String> texts = texts(svg(SomeResults.failing(), "open-loop"));
        assertTrue(texts.contains("\u00d7"), "" + texts);
    }

    @Test
    void shouldDrawTwoPixelsForEach() throws IOException {
        Plots plots = Fonts.plots(SomeResults.complete());
        for (String name : ALL) {
            byte[] png = Objects.requireNonNull(plots.files().get(name + ".png"));
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
            Element svg = Xml.parse(svg(SomeResults.complete(), name)).getDocumentElement();
            assertEquals(2 * 960, image.getWidth(), name);
            assertEquals("960", svg.getAttribute("width"), name);
            assertEquals(2 * Integer.parseInt(svg.getAttribute("height")), image.getHeight(), name);
        }
    }

    @Test
    void shouldDrawTheSameBytesAgain() {
        Map<String, byte[]> first = Fonts.plots(SomeResults.complete()).files();
        Map<String, byte[]> second = Fonts.plots(SomeResults.complete()).files();
        first.forEach((name, bytes) -> assertArrayEquals(bytes, second.get(name), name));
    }

    @Test
    void shouldDrawTimesOfNothing(@TempDir Path folder) throws IOException {
        String json = ResultFile.toJson(SomeResults.complete());
        Files.writeString(
                folder.resolve(ResultFile.NAME),
                json.replaceAll("\"(p5|p99|median|micros|per_second)\" : [0-9.]+", "\"$1\" : 0"));
        Set<String> names = Fonts.plots(ResultFile.read(folder)).files().keySet();
        assertTrue(names.containsAll(Set.of("latency.svg", "cdf.svg", "open-loop.svg")));
        assertFalse(names.contains("throughput.svg"));
        assertFalse(names.contains("phases.svg"));
    }

    @Test
    void shouldNameNothingTwiceInAPage() {
        Plots plots = Fonts.plots(SomeResults.complete());
        Document page = Xml.parse(Page.of(SomeResults.complete(), plots.drawn(), List.of()));
        NodeList nodes = page.getElementsByTagName("*");
        Set<String> names = new HashSet<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            String id = ((Element) nodes.item(i)).getAttribute("id");
            assertTrue(id.isEmpty() || names.add(id), id);
        }
    }
}
