package jukvm.bench.engine;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A message of Protocol Buffers, of numbers, strings and messages, by the numbers of its fields.
 * Source: Protocol Buffers documentation, Encoding.
 */
final class Fields {
    private static final int BYTES = 2; // How a field is written; numbers are 0.

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** Adds a number that is not negative. */
    Fields with(int field, long value) {
        varint((long) field << 3);
        varint(value);
        return this;
    }

    /** Adds a string, or one more of a repeated field. */
    Fields with(int field, String text) {
        return with(field, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a message, or one more of a repeated field. */
    Fields with(int field, Fields message) {
        return with(field, message.bytes());
    }

    private Fields with(int field, byte[] content) {
        varint((long) field << 3 | BYTES);
        varint(content.length);
        bytes.writeBytes(content);
        return this;
    }

    private void varint(long value) {
        long rest = value;
        for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
            bytes.write((int) rest | 0x80);
        }
        bytes.write((int) rest);
    }

    byte[] bytes() {
        return bytes.toByteArray();
    }

    /** Returns a number of a message; 0 if it is not there. */
    static long number(ByteBuffer message, int field) {
        for (ByteBuffer rest = message.duplicate(); rest.hasRemaining(); ) {
            long tag = varint(rest);
            long value = varint(rest);
            if ((tag & 7) == BYTES) {
                skip(rest, value);
            } else if (tag >>> 3 == field) {
                return value;
            }
        }
        return 0;
    }

    /** Returns a message, or the bytes of a string, of a message; nothing if it is not there. */
    static ByteBuffer content(ByteBuffer message, int field) {
        for (ByteBuffer rest = message.duplicate(); rest.hasRemaining(); ) {
            long tag = varint(rest);
            long value = varint(rest);
            if ((tag & 7) == BYTES) {
                ByteBuffer content = skip(rest, value);
                if (tag >>> 3 == field) {
                    return content;
                }
            }
        }
        return ByteBuffer.allocate(0);
    }

    /** Returns a string of a message; an empty one if it is not there. */
    static String text(ByteBuffer message, int field) {
        return StandardCharsets.UTF_8.decode(content(message, field)).toString();
    }

    private static ByteBuffer skip(ByteBuffer rest, long length) {
        ByteBuffer content = rest.slice(rest.position(), (int) length);
        rest.position(rest.position() + (int) length);
        return content;
    }

    private static long varint(ByteBuffer from) {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            byte next = from.get();
            value |= (next & 0x7fL) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
