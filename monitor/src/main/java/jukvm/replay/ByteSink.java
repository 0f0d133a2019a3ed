package jukvm.replay;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jukvm.text.HostText;

/** Bytes that become more, in the terms of {@link RecordingFormat}. Used by one thread. */
final class ByteSink {
    private byte[] bytes;
    private int size;

    ByteSink(int room) {
        bytes = new byte[room];
    }

    int size() {
        return size;
    }

    byte[] array() {
        return bytes;
    }

    /** Forgets all after the first so many. */
    void cut(int to) {
        size = to;
    }

    private void makeRoom(int more) {
        if (bytes.length - size < more) {
            int wanted = Math.addExact(size, more);
            bytes = Arrays.copyOf(bytes, Math.max(wanted, (int) Math.min(2L * size, 1 << 30)));
        }
    }

    void u8(int value) {
        makeRoom(1);
        bytes[size++] = (byte) value;
    }

    void u32(int value) {
        makeRoom(Integer.BYTES);
        buffer().putInt(value);
        size += Integer.BYTES;
    }

    /** Changes what is there already. */
    void u32(int at, int value) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
    }

    void u64(long value) {
        makeRoom(Long.BYTES);
        buffer().putLong(value);
        size += Long.BYTES;
    }

    private ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes, size, bytes.length - size).order(ByteOrder.LITTLE_ENDIAN);
    }

    void number(long value) {
        makeRoom(10);
        long left = value;
        while ((left & ~0x7fL) != 0) {
            bytes[size++] = (byte) (left | 0x80);
            left >>>= 7;
        }
        bytes[size++] = (byte) left;
    }

    void signed(long value) {
        number(value << 1 ^ value >> 63);
    }

    void bytes(byte[] from, int offset, int length) {
        number(length);
        makeRoom(length);
        System.arraycopy(from, offset, bytes, size, length);
        size += length;
    }

    void bytes(byte[] from) {
        bytes(from, 0, from.length);
    }

    void string(String text) {
        bytes(HostText.encode(text));
    }
}
