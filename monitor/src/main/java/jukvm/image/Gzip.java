package jukvm.image;

import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import jukvm.error.ImageException;

/**
 * A file compressed by gzip, in one member or several. Source: RFC 1952.
 *
 * <pre>
 * magic 1f 8b @0, method u8 @2 (8), flags u8 @3, time u32 @4, u8 @8, system u8 @9; then, by flags,
 * extra: u16 and so many bytes, name and comment: to a zero byte each, check of the header: u16
 * deflated data, crc32 u32, size u32 modulo 2^32
 * </pre>
 *
 * <p>Every byte is hostile. Unlike the JDK's stream this refuses what follows the last member, as
 * it does one that is cut off. Exceptions do not name the image.
 */
final class Gzip {
    private static final int HEADER = 10;
    private static final int TRAILER = 8;
    private static final int DEFLATE = 8;
    private static final int HAS_CHECK = 2;
    private static final int HAS_EXTRA = 4;
    private static final int HAS_NAME = 8;
    private static final int HAS_COMMENT = 16;
    private static final int UNKNOWN_FLAGS = 0xe0;

    // What deflate makes of a byte at most.
    private static final long MOST = 1032;
    private static final int FIRST = 64 << 10;

    private final byte[] packed;
    private final long limit;
    private int at;
    private byte[] unpacked;
    private int size;

    private Gzip(byte[] packed, long limit) {
        this.packed = packed;
        this.limit = limit;
        this.unpacked = new byte[(int) Math.min(limit, promised())];
    }

    /** Returns whether bytes begin as those of gzip do. */
    static boolean is(byte[] bytes) {
        return isMagic(bytes, 0);
    }

    private static boolean isMagic(byte[] bytes, int start) {
        return bytes.length - start >= 2 && bytes[start] == 0x1f && bytes[start + 1] == (byte) 0x8b;
    }

    /**
     * Returns what was compressed.
     *
     * @param limit it may have, in bytes, at most {@link ImageFile#MAX_SIZE}
     * @throws ImageException if it is longer, or damaged
     */
    static byte[] unpack(byte[] packed, long limit) {
        try {
            return new Gzip(packed, limit).unpack();
        } catch (OutOfMemoryError e) {
            throw ImageException.unreadable(
                    "gzip: unpacked, it does not fit the Java heap of "
                            + Runtime.getRuntime().maxMemory()
                            + " bytes; raise -Xmx");
        }
    }

    // The last member's size, which is all where there is one; if it can be true at all.
    private long promised() {
        if (packed.length < HEADER + TRAILER) {
            return 0;
        }
        long promise = u32(packed.length - 4);
        return promise <= MOST * packed.length ? promise : FIRST;
    }

    private byte[] unpack() {
        Inflater inflater = new Inflater(true);
        try {
            do {
                readHeader();
                inflater.reset();
                readMember(inflater);
            } while (at < packed.length);
        } finally {
            inflater.end();
        }
        return size == unpacked.length ? unpacked : Arrays.copyOf(unpacked, size);
    }

    private void readHeader() {
        int start = at;
        if (!isMagic(packed, start)) {
            throw damaged((packed.length - start) + " bytes follow its end, from byte " + start);
        }
        skip(HEADER);
        int method = packed[start + 2] & 0xff;
        int flags = packed[start + 3] & 0xff;
        if (method != DEFLATE || (flags & UNKNOWN_FLAGS) != 0) {
            throw damaged("method " + method + " and flags " + flags + " are not known");
        }
        if ((flags & HAS_EXTRA) != 0) {
            skip(2);
            skip((packed[at - 2] & 0xff) | (packed[at - 1] & 0xff) << 8);
        }
        if ((flags & HAS_NAME) != 0) {
            skipText();
        }
        if ((flags & HAS_COMMENT) != 0) {
            skipText();
        }
        if ((flags & HAS_CHECK) != 0) {
            skip(2);
        }
    }

    private void skip(int bytes) {
        if (bytes > packed.length - at) {
            throw cut();
        }
        at += bytes;
    }

    private void skipText() {
        do {
            skip(1);
        } while (packed[at - 1] != 0);
    }

    private void readMember(Inflater inflater) {
        inflater.setInput(packed, at, packed.length - at);
        int start = size;
        try {
            while (!inflater.finished()) {
                int room = unpacked.length - size;
                int more = room > 0 ? inflater.inflate(unpacked, size, room) : spill(inflater);
                if (more == 0 && !inflater.finished()) {
                    throw cut();
                }
                size += more;
            }
        } catch (DataFormatException e) {
            throw damaged("damaged after " + size + " bytes: " + e.getMessage());
        }
        at = packed.length - inflater.getRemaining();
        skip(TRAILER);
        CRC32 check = new CRC32();
        check.update(unpacked, start, size - start);
        if (u32(at - TRAILER) != check.getValue() || u32(at - 4) != size - start) {
            throw damaged("its check does not fit what it unpacks to");
        }
    }

    // Where there is no more room there may be no more to come, either.
    private int spill(Inflater inflater) throws DataFormatException {
        byte[] one = new byte[1];
        int more = inflater.inflate(one);
        if (more > 0) {
            if (size == limit) {
                throw damaged("unpacks to more than the " + limit + " bytes allowed");
            }
            long larger = Math.max(FIRST, 2L * size);
            unpacked = Arrays.copyOf(unpacked, (int) Math.min(limit, larger));
            unpacked[size] = one[0];
        }
        return more;
    }

    private long u32(int offset) {
        long value = 0;
        for (int i = 3; i >= 0; i--) {
            value = value << 8 | packed[offset + i] & 0xff;
        }
        return value;
    }

    private ImageException cut() {
        return damaged("cut off: " + packed.length + " bytes are not all of it");
    }

    private static ImageException damaged(String fact) {
        return ImageException.invalid("gzip: " + fact);
    }
}
