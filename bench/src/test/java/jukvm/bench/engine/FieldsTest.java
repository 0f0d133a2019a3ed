package jukvm.bench.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class FieldsTest {
    @Test
    void shouldWriteTheExamplesOfTheEncoding() {
        Fields number = new Fields().with(1, 150);
        assertArrayEquals(HexFormat.of().parseHex("089601"), number.bytes());
        assertArrayEquals(
                HexFormat.of().parseHex("120774657374696e67"),
                new Fields().with(2, "testing").bytes());
        assertArrayEquals(
                HexFormat.of().parseHex("1a03089601"), new Fields().with(3, number).bytes());
    }

    @Test
    void shouldFindWhatItWrites() {
        Fields inside = new Fields().with(1, "").with(7, 1L << 40).with(2, "\u00fc");
        ByteBuffer message =
                ByteBuffer.wrap(new Fields().with(3, 5).with(16, inside).with(4, "x").bytes());
        assertEquals(5, Fields.number(message, 3));
        assertEquals("x", Fields.text(message, 4));
        assertEquals(1L << 40, Fields.number(Fields.content(message, 16), 7));
        assertEquals("\u00fc", Fields.text(Fields.content(message, 16), 2));
        assertEquals(0, Fields.number(message, 5));
        assertEquals("", Fields.text(message, 3));
    }
}
