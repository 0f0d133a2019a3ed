package jukvm.replay;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.zip.CRC32C;
import jukvm.memory.GuestMemory;
import jukvm.text.Printable;

/** One event of a recording, read into the same object each time; hostile. Used by one thread. */
final class RecordedEvent {
    private static final int MAX_PORT = 0xffff;
    private static final int MAX_RANGES = 1 << 16;

    private int kind;
    private int result;
    private int port;
    private long gpa;
    private long value;
    private int checksum;
    private byte[] shown = new byte[0];
    private byte[] bytes = new byte[0]; // Of the chunk, or what a clock was.
    private long[] passed = new long[8]; // Address and length of each.
    private long[] told = new long[8]; // Address, length, and where the bytes are.
    private int passedCount;
    private int toldCount;
    private String fault = "";
    private RecordedEnd end = RecordedEnd.NONE;

    /**
     * Reads the next.
     *
     * @throws IllegalArgumentException if there is none
     */
    void read(ByteSource from) {
        kind = from.u8();
        switch (kind) {
            case RecordingFormat.CALL -> readCall(from);
            case RecordingFormat.TIME -> value = from.signed();
            case RecordingFormat.RANDOM -> value = from.u64();
            case RecordingFormat.CLOCK -> {
                gpa = from.number();
                value = from.number();
                bytes = from.bytes();
            }
            case RecordingFormat.END ->
                    end =
                            new RecordedEnd(
                                    from.string(), from.string(), from.signed(), from.string());
            default -> throw new IllegalArgumentException("event of kind " + kind);
        }
    }

    private void readCall(ByteSource from) {
        result = from.u8();
        if (result > RecordingFormat.FAULTS) {
            throw new IllegalArgumentException("result " + result);
        }
        port = from.number(MAX_PORT);
        gpa = from.number();
        passedCount = from.number(MAX_RANGES);
        passed = withRoom(passed, 2 * passedCount);
        long last = 0;
        for (int i = 0; i < passedCount; i++) {
            last += from.signed();
            passed[2 * i] = last;
            passed[2 * i + 1] = from.number();
        }
        checksum = from.u32();
        shown = from.bytes();
        toldCount = from.number(MAX_RANGES);
        told = withRoom(told, 3 * toldCount);
        last = 0;
        for (int i = 0; i < toldCount; i++) {
            last += from.signed();
            int start = from.skipBytes();
            told[3 * i] = last;
            told[3 * i + 1] = (long) from.at() - start;
            told[3 * i + 2] = start;
        }
        bytes = from.array();
        fault = isFault() ? from.string(RecordingFormat.MAX_FAULT) : "";
    }

    private static long[] withRoom(long[] ranges, int room) {
        return room <= ranges.length ? ranges : new long[room];
    }

    boolean is(int which) {
        return kind == which;
    }

    boolean isEnd() {
        return kind == RecordingFormat.END;
    }

    /** Returns whether the guest went on after the call. */
    boolean goesOn() {
        return result == RecordingFormat.GOES_ON;
    }

    /** Returns whether the call was one that no guest may make. */
    boolean isFault() {
        return result == RecordingFormat.FAULTS;
    }

    /** Returns what was wrong with it; hostile. */
    String fault() {
        return fault;
    }

    int port() {
        return port;
    }

    long gpa() {
        return gpa;
    }

    /** Returns the change of the counter, the random number, or what was written to a register. */
    long value() {
        return value;
    }

    /** Returns the register that a clock is kept for. */
    int register() {
        return (int) gpa;
    }

    /** Returns what was written of a clock. */
    byte[] clock() {
        return bytes;
    }

    RecordedEnd end() {
        return end;
    }

    /** Returns whether memory holds what the call passed. */
    boolean isPassedBy(GuestMemory memory) {
        CRC32C sum = new CRC32C();
        long left = memory.size(); // No call passes more: a hostile one is not to take for ever.
        for (int i = 0; i < passedCount; i++) {
            long length = passed[2 * i + 1];
            if (!memory.contains(passed[2 * i], length) || length > left) {
                return false;
            }
            left -= length;
            RecordingFormat.add(sum, memory, passed[2 * i], length);
        }
        return (int) sum.getValue() == checksum;
    }

    /**
     * Puts into memory what the guest was told.
     *
     * @throws jukvm.error.GuestException if that is not the guest's to write
     */
    void tell(GuestMemory memory) {
        for (int i = 0; i < toldCount; i++) {
            int length = (int) told[3 * i + 1];
            memory.writable(told[3 * i], length).put(bytes, (int) told[3 * i + 2], length);
        }
    }

    /** Returns the first bytes of what the call passed, in hexadecimal and as text. */
    String shown() {
        return show(shown);
    }

    /** Returns likewise what memory holds there. */
    String shown(GuestMemory memory) {
        byte[] there = new byte[RecordingFormat.SHOWN];
        int count = 0;
        for (int i = 0; i < passedCount && count < there.length; i++) {
            int length = (int) Math.min(there.length - count, passed[2 * i + 1]);
            if (!memory.isReadable(passed[2 * i], length)) {
                return "nothing that the guest may read";
            }
            memory.owned(passed[2 * i], length).get(0, there, count, length);
            count += length;
        }
        return show(Arrays.copyOf(there, count));
    }

    private static String show(byte[] bytes) {
        byte[] first = bytes.length > 64 ? Arrays.copyOf(bytes, 64) : bytes;
        String text = new String(first, StandardCharsets.ISO_8859_1);
        String legible = text.chars().allMatch(c -> c >= ' ' && c < 0x7f) ? text : "";
        return HexFormat.of().formatHex(first)
                + (legible.isEmpty() ? "" : " \"" + Printable.of(legible) + "\"");
    }
}
