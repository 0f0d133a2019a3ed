package jukvm.bench.jmh;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import jukvm.image.GuestImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.openjdk.jmh.runner.BenchmarkListEntry;
import org.openjdk.jmh.runner.options.TimeValue;

/** Every benchmark is there, and does what it is to be measured doing; no time is taken here. */
final class BenchmarksTest {
    private static final long MOST_SECONDS = 300;

    @Test
    void shouldFindAllBenchmarks() {
        List<String> names =
                JmhCommand.find(List.of(), List.of()).stream()
                        .map(BenchmarkListEntry::getUsername)
                        .map(name -> name.replace("jukvm.bench.jmh.", ""))
                        .toList();
        assertEquals(
                List.of(
                        "ExitRoundTrip.jna",
                        "ExitRoundTrip.jnr",
                        "HypercallDispatch.puts",
                        "HypercallDispatch.walltime",
                        "HypercallDispatch.walltimeClock",
                        "ImageParse.parse",
                        "MemoryAccess.putU64",
                        "MemoryAccess.putU64Plain",
                        "MemoryAccess.readable",
                        "MemoryAccess.u64",
                        "MemoryAccess.u64Plain",
                        "MemoryAccess.viewPlain",
                        "MemoryAccess.writable",
                        "TemplateMap.copied",
                        "TemplateMap.mapped"),
                names);
    }

    @Test
    void shouldFindThemByName() {
        assertEquals(1, JmhCommand.find(List.of("ExitRoundTrip"), List.of("jnr")).size());
        assertTrue(
                JmhCommand.find(List.of("ExitRoundTrip"), List.of()).stream()
                        .allMatch(JmhCommand::needsKvm));
        assertTrue(
                JmhCommand.find(List.of(), List.of("ExitRoundTrip")).stream()
                        .noneMatch(JmhCommand::needsKvm));
    }

    @Test
    void shouldAskForFiveMinutesAtMost() {
        long seconds =
                JmhCommand.find(List.of(), List.of()).stream()
                        .mapToLong(BenchmarksTest::seconds)
                        .sum();
        assertTrue(seconds <= MOST_SECONDS, seconds + " s");
    }

    private static long seconds(BenchmarkListEntry benchmark) {
        long seconds =
                benchmark.getWarmupIterations().get() * seconds(benchmark.getWarmupTime().get())
                        + benchmark.getMeasurementIterations().get()
                                * seconds(benchmark.getMeasurementTime().get());
        Map<String, String[]> params = benchmark.getParams().orElse(Map.of());
        for (String[] values : params.values()) {
            seconds *= values.length;
        }
        return seconds * benchmark.getForks().get();
    }

    private static long seconds(TimeValue time) {
        return time.convertTo(TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @EnumSource
    void shouldParseImages(BenchImage image) {
        ImageParse benchmark = new ImageParse();
        benchmark.image = image;
        benchmark.read();
        assertEquals(image.bytes().length, benchmark.parse().size());
    }

    @Test
    void shouldMakeALargeImageOfHello() {
        GuestImage hello = GuestImage.read(BenchImage.HELLO.bytes());
        GuestImage large = GuestImage.read(BenchImage.HELLO_4_MIB.bytes());
        assertEquals(hello.segments(), large.segments().subList(0, 2));
        assertEquals(3, large.segments().size());
        assertEquals(4 << 20, large.segments().get(2).fileSize());
        assertEquals(hello.entry(), large.entry());
    }

    @ParameterizedTest
    @EnumSource(names = {"HELLO", "HELLO_4_MIB"})
    void shouldLayOutTheSameByCopyingAndByMapping(BenchImage image) {
        TemplateMap benchmark = new TemplateMap();
        benchmark.image = image;
        benchmark.layOut();
        int copied = benchmark.copied();
        assertTrue(copied != 0);
        assertEquals(copied, benchmark.mapped());
        assertEquals(copied, benchmark.mapped());
        assertEquals(copied, benchmark.copied());
        benchmark.close();
    }

    @Test
    void shouldReadAndWriteMemoryAndThePlainBufferAlike() {
        MemoryAccess benchmark = new MemoryAccess();
        benchmark.putU64();
        benchmark.putU64Plain();
        assertEquals(64, benchmark.u64());
        assertEquals(64, benchmark.u64Plain());
        byte[] bytes = new byte[64];
        benchmark.viewPlain().get(bytes);
        byte[] ours = new byte[64];
        benchmark.readable().get(ours);
        assertArrayEquals(bytes, ours);
        assertEquals(64, benchmark.writable().remaining());
        benchmark.close();
    }

    @Test
    void shouldAnswerHypercalls() {
        HypercallDispatch benchmark = new HypercallDispatch();
        assertTrue(benchmark.walltime());
        assertTrue(benchmark.puts());
        assertTrue(benchmark.walltimeClock() > 0);
        benchmark.close();
    }
}
