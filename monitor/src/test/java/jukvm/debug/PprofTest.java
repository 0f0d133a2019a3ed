package jukvm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;

final class PprofTest {
    private static byte[] written(Samples samples) throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        Pprof.write(samples, zipped);
        return new GZIPInputStream(new ByteArrayInputStream(zipped.toByteArray())).readAllBytes();
    }

    /** Returns the fields of a message as text: numbers, and bytes by {@code shown}. */
    private static List<String> fields(byte[] message, int wanted) {
        List<String> found = new ArrayList<>();
        ByteBuffer at = ByteBuffer.wrap(message);
        while (at.hasRemaining()) {
            long key = varint(at);
            byte[] content = new byte[0];
            String text;
            if ((key & 7) == 2) {
                content = new byte[(int) varint(at)];
                at.get(content);
                text = new String(content, StandardCharsets.ISO_8859_1);
            } else {
                text = Long.toString(varint(at));
            }
            if (key >>> 3 == wanted) {
                found.add(text);
            }
        }
        return found;
    }

    private static long varint(ByteBuffer at) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte part = at.get();
            value |= (part & 0x7fL) << shift;
            if (part >= 0) {
                return value;
            }
        }
    }

    private static List<Long> packed(String text) {
        ByteBuffer at = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        List<Long> numbers = new ArrayList<>();
        while (at.hasRemaining()) {
            numbers.add(varint(at));
        }
        return numbers;
    }

    @Test
    void shouldSayWhatPprofReads() throws IOException {
        Samples samples = new Samples(1000);
        samples.add(List.of("start", "main"), 300);
        samples.add(List.of("start", "main", "add"), 2);
        byte[] profile = written(samples);
        assertEquals(
                List.of("", "samples", "count", "time", "nanoseconds", "main", "start", "add"),
                fields(profile, 6));
        assertEquals(List.of("1000000"), fields(profile, 12));
        List<List<Long>> places = new ArrayList<>();
        List<List<Long>> values = new ArrayList<>();
        for (String sample : fields(profile, 2)) {
            byte[] bytes = sample.getBytes(StandardCharsets.ISO_8859_1);
            places.add(packed(fields(bytes, 1).get(0)));
            values.add(packed(fields(bytes, 2).get(0)));
        }
        assertEquals(List.of(List.of(1L, 2L), List.of(3L, 1L, 2L)), places);
        assertEquals(List.of(List.of(300L, 300_000_000L), List.of(2L, 2_000_000L)), values);
        List<String> names = new ArrayList<>();
        for (String function : fields(profile, 5)) {
            byte[] bytes = function.getBytes(StandardCharsets.ISO_8859_1);
            names.add(fields(bytes, 1).get(0) + " " + fields(bytes, 2).get(0));
        }
        assertEquals(List.of("1 5", "2 6", "3 7"), names);
        assertEquals(3, fields(profile, 4).size());
    }

    @Test
    void shouldKeepSoManyStacksAndCountTheOthersTogether() {
        Samples samples = new Samples(1);
        for (int i = 0; i < Samples.MAX_STACKS + 5; i++) {
            samples.add(List.of("f" + i), 1);
        }
        samples.add(List.of("f0"), 1);
        List<Samples.Counted> all = samples.all();
        assertEquals(Samples.MAX_STACKS + 1, all.size());
        assertEquals(new Samples.Counted(List.of("[others]"), 5), all.get(0));
        assertEquals(new Samples.Counted(List.of("f0"), 2), all.get(1));
    }

    @Test
    void shouldRefuseWhatNoClockDoes() {
        assertThrows(IllegalArgumentException.class, () -> new Samples(0));
        assertThrows(IllegalArgumentException.class, () -> new Samples(Samples.MAX_HZ + 1));
    }
}
