package jukvm.image;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/**
 * Reads what DWARF encodes, from a part of a section to the end of that. Whatever is hostile ends
 * in one of two exceptions: {@link BufferUnderflowException} beyond the end, {@link
 * IllegalArgumentException} for what is not known. Source: DWARF 5, section 7.6; LSB 5, Core,
 * section 10.5, "DWARF Extensions".
 */
final class DwarfReader {
    // The lower half of an encoding is the format, the upper what it is relative to.
    private static final int ABSOLUTE = 0x00;
    private static final int UDATA4 = 0x03;
    private static final int UDATA8 = 0x04;
    private static final int SDATA4 = 0x0b;
    private static final int SDATA8 = 0x0c;
    private static final int PC_RELATIVE = 0x10;
    private static final int FORMAT = 0x0f;

    private final ByteBuffer at;
    private final long gpa; // Of the buffer's first byte.

    /**
     * Makes one.
     *
     * @param section little-endian
     * @param from where it begins in that
     * @param end where it ends
     * @param gpa of the section
     */
    DwarfReader(ByteBuffer section, int from, int end, long gpa) {
        this.at = section.duplicate().order(section.order()).limit(end).position(from);
        this.gpa = gpa;
    }

    int position() {
        return at.position();
    }

    int end() {
        return at.limit();
    }

    boolean hasMore() {
        return at.hasRemaining();
    }

    int u8() {
        return at.get() & 0xff;
    }

    int u16() {
        return at.getShort() & 0xffff;
    }

    long u32() {
        return at.getInt() & 0xffffffffL;
    }

    long unsigned() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int octet = u8();
            value |= (octet & 0x7fL) << shift;
            if (octet < 0x80) {
                return value;
            }
        }
        throw new IllegalArgumentException("a number of more than 64 bits");
    }

    long signed() {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            int octet = u8();
            value |= (octet & 0x7fL) << shift;
            if (octet < 0x80) {
                boolean isNegative = (octet & 0x40) != 0 && shift + 7 < Long.SIZE;
                return isNegative ? value | -1L << shift + 7 : value;
            }
        }
        throw new IllegalArgumentException("a number of more than 64 bits");
    }

    /** Returns an address in the encoding given. */
    long pointer(int encoding) {
        long from = (encoding & ~FORMAT) == PC_RELATIVE ? gpa + at.position() : 0;
        if ((encoding & ~FORMAT & ~PC_RELATIVE) != 0) {
            throw new IllegalArgumentException("pointer encoding " + encoding);
        }
        return from + number(encoding);
    }

    /** Returns a number in the format of an encoding. */
    long number(int encoding) {
        return switch (encoding & FORMAT) {
            case ABSOLUTE, UDATA8, SDATA8 -> at.getLong();
            case UDATA4 -> u32();
            case SDATA4 -> at.getInt();
            default -> throw new IllegalArgumentException("pointer encoding " + encoding);
        };
    }

    void skip(long bytes) {
        if (bytes < 0 || bytes > at.remaining()) {
            throw new BufferUnderflowException();
        }
        at.position(at.position() + (int) bytes);
    }
}
