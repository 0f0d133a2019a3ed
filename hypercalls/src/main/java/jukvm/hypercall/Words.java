package jukvm.hypercall;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import jukvm.device.AttachedDevice;
import jukvm.device.IoResult;
import jukvm.memory.GuestMemory;
import jukvm.text.Printable;
import org.jspecify.annotations.Nullable;

/** Says in printable ASCII what a call passes or is told; all of it may be hostile. */
final class Words {
    private static final int SHOWN_TEXT = 32;
    private static final int SHOWN_FRAME = 14; // The Ethernet header.
    private static final int MAX_ESCAPE = 4;

    private Words() {}

    /** Returns a u64 in decimal. */
    static String number(long value) {
        return Long.toUnsignedString(value);
    }

    /** Returns the name of a device; of none, the handle that was asked for. */
    static String device(@Nullable AttachedDevice device, long handle) {
        return device == null ? "handle " + number(handle) : Printable.of(device.name());
    }

    /** Returns the first bytes of a buffer as text in quotes, or where it is if it is nowhere. */
    static String text(GuestMemory memory, long gpa, long length) {
        if (!memory.isReadable(gpa, length)) {
            return "0x" + Long.toHexString(gpa);
        }
        String text =
                new String(first(memory, gpa, length, SHOWN_TEXT), StandardCharsets.ISO_8859_1);
        return '"'
                + Printable.of(text, SHOWN_TEXT * MAX_ESCAPE).replace("\"", "\\x22")
                + '"'
                + rest(length, SHOWN_TEXT);
    }

    /** Returns the first bytes of a frame in hexadecimal, or where it is if it is nowhere. */
    static String frame(GuestMemory memory, long gpa, long length) {
        return memory.isReadable(gpa, length)
                ? HexFormat.of().formatHex(first(memory, gpa, length, SHOWN_FRAME))
                        + rest(length, SHOWN_FRAME)
                : "0x" + Long.toHexString(gpa);
    }

    private static byte[] first(GuestMemory memory, long gpa, long length, int most) {
        byte[] bytes = new byte[(int) Math.min(length, most)];
        ByteBuffer at = memory.readable(gpa, bytes.length);
        at.get(bytes);
        return bytes;
    }

    private static String rest(long length, int shown) {
        return length > shown ? "..." : "";
    }

    /** Returns what an {@link IoResult} of this number is called. */
    static String result(int number) {
        for (IoResult result : IoResult.values()) {
            if (result.number() == number) {
                return result.name();
            }
        }
        return number < 0 ? "refused" : number(number); // As guests before Solo5 0.6 are told.
    }

    /** Returns a result, with what came by it if it is {@link IoResult#OK}. */
    static String result(int number, String came) {
        return result(number) + (number == IoResult.OK.number() ? ", " + came : "");
    }
}
