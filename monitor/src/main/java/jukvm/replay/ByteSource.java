package jukvm.replay;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jukvm.text.HostText;

/**
 * Reads what a {@link ByteSink} wrote. All of it is hostile: what is not there, or cannot be meant,
 * is an {@link IllegalArgumentException}. Used by one thread.
 */
final class ByteSource {
    private final byte[] bytes;
    private final int end;
    private int at;

    ByteSource(byte[] bytes) {
        this.bytes = bytes;
        this.end = bytes.length;
    }

    byte[] array() {
        return bytes;
    }

    int at() {
        return at;
    }

    void seek(int place) {
        at = place;
    }

    boolean isAtEnd() {
        return at == end;
    }

    private int take(int length) {
        if (length < 0 || length > end - at) {
            throw new IllegalArgumentException("ends in the middle");
        }
        int from = at;
        at += length;
        return from;
    }

    int u8() {
        return bytes[take(1)] & 0xff;
    }

    int u32() {
        return buffer(Integer.BYTES).getInt();
    }

    long u64() {
        return buffer(Long.BYTES).getLong();
    }

    private ByteBuffer buffer(int length) {
        return ByteBuffer.wrap(bytes, take(length), length).order(ByteOrder.LITTLE_ENDIAN);
    }

    long number() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int octet = u8();
            value |= (long) (octet & 0x7f) << shift;
            if ((octet & 0x80) == 0) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number has no end");
    }

    long signed() {
        long value = number();
        return value >>> 1 ^ -(value & 1);
    }

    /**
     * Returns a number that is in a range.
     *
     * @param max of it, at least 0
     */
    int number(int max) {
        long value = number();
        if (value < 0 || value > max) {
            throw new IllegalArgumentException(Long.toUnsignedString(value) + " is too much");
        }
        return (int) value;
    }

    /** Passes over bytes, and returns where they begin; {@link #at} is after them. */
    int skipBytes() {
        return take(number(Integer.MAX_VALUE));
    }

    byte[] bytes() {
        int from = skipBytes();
        return Arrays.copyOfRange(bytes, from, at);
    }

    String string() {
        return HostText.decode(bytes());
    }

    /**
     * Returns a string that is not long.
     *
     * @param max in characters
     */
    String string(int max) {
        String text = string();
        if (text.length() > max) {
            throw new IllegalArgumentException(text.length() + " characters are too many");
        }
        return text;
    }
}
