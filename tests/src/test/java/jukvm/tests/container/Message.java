package jukvm.tests.container;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A message of Protocol Buffers, of numbers, strings and messages, by the numbers of their fields.
 * Source: Protocol Buffers documentation, Encoding.
 */
final class Message {
    private static final int VARINT = 0;
    private static final int BYTES = 2;

    private final List<Field> fields = new ArrayList<>();

    /** A number, or other bytes, of which the value is negative. */
    private static final class Field {
        final int number;
        final long value;
        final byte[] bytes;

        Field(int number, long value, byte[] bytes) {
            this.number = number;
            this.value = value;
            this.bytes = bytes;
        }
    }

    /** Reads one, of which all fields are numbers, strings, or messages. */
    static Message read(byte[] bytes) {
        Message message = new Message();
        ByteBuffer rest = ByteBuffer.wrap(bytes);
        while (rest.hasRemaining()) {
            int tag = (int) varint(rest);
            long value = varint(rest);
            if ((tag & 7) == BYTES) {
                byte[] content = new byte[(int) value];
                rest.get(content);
                message.with(tag >>> 3, content);
            } else if ((tag & 7) == VARINT) {
                message.with(tag >>> 3, value);
            } else {
                throw new AssertionError("field of another kind: " + tag);
            }
        }
        return message;
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

    private static void varint(ByteArrayOutputStream to, long value) {
        long rest = value;
        for (; (rest & ~0x7fL) != 0; rest >>>= 7) {
            to.write((int) rest | 0x80);
        }
        to.write((int) rest);
    }

    byte[] bytes() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Field field : fields) {
            varint(all, (long) field.number << 3 | (field.value < 0 ? BYTES : VARINT));
            varint(all, field.value < 0 ? field.bytes.length : field.value);
            all.writeBytes(field.bytes);
        }
        return all.toByteArray();
    }

    /** Adds a field, which is not negative. */
    Message with(int field, long value) {
        fields.add(new Field(field, value, new byte[0]));
        return this;
    }

    /** Adds a field, or one more of a repeated one. */
    Message with(int field, String text) {
        return with(field, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds a field, or one more of a repeated one. */
    Message with(int field, Message message) {
        return with(field, message.bytes());
    }

    private Message with(int field, byte[] content) {
        fields.add(new Field(field, -1, content));
        return this;
    }

    /** Returns a number, 0 if it is not there. */
    long number(int field) {
        return fields.stream()
                .filter(each -> each.number == field)
                .mapToLong(each -> each.value)
                .findFirst()
                .orElse(0);
    }

    /** Returns a string, empty if it is not there. */
    String text(int field) {
        return new String(content(field), StandardCharsets.UTF_8);
    }

    /** Returns a message, empty if it is not there. */
    Message message(int field) {
        return read(content(field));
    }

    private byte[] content(int field) {
        return fields.stream()
                .filter(each -> each.number == field)
                .map(each -> each.bytes)
                .findFirst()
                .orElse(new byte[0]);
    }
}
