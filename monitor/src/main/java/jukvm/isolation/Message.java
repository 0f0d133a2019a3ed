package jukvm.isolation;

import java.nio.ByteBuffer;
import jukvm.text.HostText;

/**
 * The messages between this process and a worker: a kind, and what belongs to it in order. Texts
 * are a u32 and so many bytes, and names stand for constants.
 *
 * <p>What is read is hostile: whatever does not fit is an {@link IllegalArgumentException} or a
 * {@link java.nio.BufferUnderflowException}.
 */
public final class Message {
    /** What a message is. */
    public enum Kind {
        /** On the worker's channel, by it: it is sealed, and so far. */
        READY,
        /** On the worker's channel, to it: a number, and the channel of a guest. */
        GUEST,
        /** To stop a guest, by its number. */
        CANCEL,
        /** To give a guest no turn, by its number. */
        PAUSE,
        /** To let a guest go on, by its number. */
        RESUME,

        /** On a guest's channel, to the worker: what is asked, and its image. */
        START,
        /** A device of the guest's. */
        DEVICE,

        /** By the worker: bytes that the guest printed. */
        CONSOLE,
        /** A line for the operator. */
        NOTICE,
        /** A hypercall in words. */
        TRACE,
        /** To be answered: blocks to be read. */
        READ,
        /** To be answered: blocks to be written. */
        WRITE,
        /** To be answered: the time. */
        CLOCK,
        /** How the guest ended; the last. */
        RESULT,

        /** The answer: what was asked for. */
        DONE,
        /** The answer: why it cannot be had. */
        FAILED
    }

    /** The most bytes of a disk or of output in one message. */
    public static final int MOST_BYTES = 64 << 10;

    /** The most bytes of a text that is a line. */
    public static final int LINE = 4096;

    /** The most bytes of a path or a command line. */
    public static final int LONG_TEXT = 16 << 10;

    private Message() {}

    /** Begins a message. */
    public static ByteBuffer begin(ByteBuffer to, Kind kind) {
        put(to, kind);
        return to;
    }

    /** Writes which constant it is. */
    public static void put(ByteBuffer to, Enum<?> constant) {
        put(to, constant.name(), LINE);
    }

    /** Reads which constant it is. */
    public static <E extends Enum<E>> E constant(ByteBuffer from, Class<E> type) {
        return Enum.valueOf(type, text(from, LINE));
    }

    /** Writes a text, cut to so many bytes. */
    public static void put(ByteBuffer to, String text, int most) {
        byte[] bytes = HostText.encode(text);
        int length = Math.min(bytes.length, most);
        to.putInt(length).put(bytes, 0, length);
    }

    /** Reads a text of at most so many bytes. */
    public static String text(ByteBuffer from, int most) {
        byte[] bytes = new byte[length(from, most)];
        from.get(bytes);
        return HostText.decode(bytes);
    }

    /** Reads a number of bytes that there are. */
    public static int length(ByteBuffer from, int most) {
        return (int) within(from.getInt(), 0, Math.min(most, from.remaining()));
    }

    /** Writes whether something is so. */
    public static void put(ByteBuffer to, boolean isSo) {
        to.put((byte) (isSo ? 1 : 0));
    }

    /** Reads whether something is so. */
    public static boolean isSo(ByteBuffer from) {
        return within(from.get(), 0, 1) == 1;
    }

    /** Reads a count. */
    public static long count(ByteBuffer from) {
        return within(from.getLong(), 0, Long.MAX_VALUE);
    }

    /** Returns a number that lies between two. */
    public static long within(long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(value + " is not " + least + " to " + most);
        }
        return value;
    }

    /** Refuses what follows the end of a message. */
    public static void end(ByteBuffer from) {
        within(from.remaining(), 0, 0);
    }
}
