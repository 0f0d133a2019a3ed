package jukvm.debug;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

/**
 * Samples in the form of pprof. Source: pprof's profile.proto; the protocol buffers encoding.
 *
 * <pre>
 * Profile   sample_type 1, sample 2, location 4, function 5, string_table 6, period_type 11,
 *           period 12
 * ValueType type 1, unit 2      Sample   location_id 1 (packed), value 2 (packed)
 * Location  id 1, line 4        Line     function_id 1        Function  id 1, name 2
 * </pre>
 */
public final class Pprof {
    private final ByteArrayOutputStream profile = new ByteArrayOutputStream();
    private final Map<String, Integer> strings = new LinkedHashMap<>();
    private final Map<String, Integer> functions = new LinkedHashMap<>();

    private Pprof() {}

    /**
     * Writes samples, gzipped; the stream stays open.
     *
     * @throws IOException if the stream does
     */
    public static void write(Samples samples, OutputStream to) throws IOException {
        GZIPOutputStream zipped = new GZIPOutputStream(to);
        zipped.write(new Pprof().encoded(samples));
        zipped.finish();
    }

    private byte[] encoded(Samples samples) {
        long period = TimeUnit.SECONDS.toNanos(1) / samples.hz();
        string("");
        message(profile, 1, valueType("samples", "count"));
        message(profile, 1, valueType("time", "nanoseconds"));
        for (Samples.Counted stack : samples.all()) {
            message(profile, 2, sample(stack, period));
        }
        for (Map.Entry<String, Integer> function : functions.entrySet()) {
            ByteArrayOutputStream line = new ByteArrayOutputStream();
            number(line, 1, function.getValue());
            ByteArrayOutputStream location = new ByteArrayOutputStream();
            number(location, 1, function.getValue());
            message(location, 4, line);
            message(profile, 4, location);
            ByteArrayOutputStream named = new ByteArrayOutputStream();
            number(named, 1, function.getValue());
            number(named, 2, string(function.getKey()));
            message(profile, 5, named);
        }
        message(profile, 11, valueType("time", "nanoseconds"));
        number(profile, 12, period);
        for (String text : strings.keySet()) {
            bytes(profile, 6, text.getBytes(StandardCharsets.UTF_8));
        }
        return profile.toByteArray();
    }

    private ByteArrayOutputStream valueType(String type, String unit) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        number(value, 1, string(type));
        number(value, 2, string(unit));
        return value;
    }

    // Innermost first.
    private ByteArrayOutputStream sample(Samples.Counted stack, long period) {
        ByteArrayOutputStream places = new ByteArrayOutputStream();
        List<String> names = stack.functions();
        for (int i = names.size() - 1; i >= 0; i--) {
            int next = functions.size() + 1;
            Integer id = functions.putIfAbsent(names.get(i), next);
            varint(places, id == null ? next : id);
        }
        ByteArrayOutputStream values = new ByteArrayOutputStream();
        varint(values, stack.count());
        varint(values, stack.count() * period);
        ByteArrayOutputStream sample = new ByteArrayOutputStream();
        message(sample, 1, places);
        message(sample, 2, values);
        return sample;
    }

    private int string(String text) {
        int next = strings.size();
        Integer index = strings.putIfAbsent(text, next);
        return index == null ? next : index;
    }

    private static void number(ByteArrayOutputStream to, int field, long value) {
        varint(to, field << 3);
        varint(to, value);
    }

    private static void message(ByteArrayOutputStream to, int field, ByteArrayOutputStream part) {
        bytes(to, field, part.toByteArray());
    }

    private static void bytes(ByteArrayOutputStream to, int field, byte[] part) {
        varint(to, field << 3 | 2);
        varint(to, part.length);
        to.writeBytes(part);
    }

    private static void varint(ByteArrayOutputStream to, long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            to.write((int) (left & 0x7f | 0x80));
            left >>>= 7;
        }
        to.write((int) left);
    }
}
