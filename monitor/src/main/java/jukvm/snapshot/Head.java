package jukvm.snapshot;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import jukvm.error.ImageException;
import jukvm.memory.GuestMemory;

/**
 * What comes before the pages in a snapshot's file. All of it is little-endian.
 *
 * <pre>
 * 0   "JUKVMSNP"
 * 8   version u32, 1
 * 12  CRC-32C of all of the head from 16 on u32
 * 16  length of the head u64, in whole pages
 * 24  CRC-32C of the pages u32
 * 28  0 u32
 * 32  sections, each its length u32, its bytes, and zeroes up to a multiple of 8
 * </pre>
 *
 * <p>The sections, in this order: {@link Facts}; name of the dialect; devices as the guest was told
 * of them; ports of hypercalls, u16 each; CPUID; general registers; special registers, at ring 0 a
 * struct kvm_sregs and at ring 3 u64 base of FS, base of GS and CR2, since all others are the
 * monitor's; vector registers and such as {@link jukvm.kvm.VcpuSnapshot#state} has them;
 * model-specific registers, u64 number and u64 value each; the image; runs of pages, u64
 * guest-physical address and u64 length in bytes each, ascending. The pages follow in this order,
 * from the end of the head to that of the file.
 */
final class Head {
    static final int PAGE = GuestMemory.PAGE;
    static final int BEGINNING = 32;

    private static final byte[] MAGIC = "JUKVMSNP".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int AT_VERSION = 8;
    private static final int AT_SUM = 12;
    private static final int AT_LENGTH = 16;
    private static final int AT_PAGES_SUM = 24;
    private static final int ALIGNMENT = 8;

    // All sections but the image, with room to spare: a guest of 4 GiB has half a million runs.
    private static final long MAX_LENGTH = (1L << 30) + (16L << 20);

    private Head() {}

    /** Returns whether a file begins as one of these. */
    static boolean isOne(ByteBuffer beginning) {
        return beginning.remaining() >= MAGIC.length
                && beginning
                        .slice(beginning.position(), MAGIC.length)
                        .equals(ByteBuffer.wrap(MAGIC));
    }

    /** Returns bytes in this format's order. */
    static ByteBuffer ordered(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Returns what is refused about a file. */
    static ImageException damaged(String fact) {
        return ImageException.invalid("snapshot is damaged: " + fact);
    }

    /** Puts the sections of a head together. */
    static final class Writer {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Writer() {
            bytes.writeBytes(new byte[BEGINNING]);
        }

        Writer add(byte[] section) {
            byte[] length = new byte[Integer.BYTES];
            ordered(length).putInt(0, section.length);
            bytes.writeBytes(length);
            bytes.writeBytes(section);
            pad(ALIGNMENT);
            return this;
        }

        private void pad(int alignment) {
            bytes.writeBytes(new byte[Math.floorMod(-bytes.size(), alignment)]);
        }

        /** Ends the sections, and returns how long the head is. */
        int end() {
            pad(PAGE);
            return bytes.size();
        }

        /** Returns the head. */
        byte[] seal(int pagesSum) {
            byte[] head = bytes.toByteArray();
            ordered(head)
                    .put(0, MAGIC)
                    .putInt(AT_VERSION, VERSION)
                    .putLong(AT_LENGTH, head.length)
                    .putInt(AT_PAGES_SUM, pagesSum);
            return ordered(head).putInt(AT_SUM, sum(head)).array();
        }
    }

    private static int sum(byte[] head) {
        CRC32C sum = new CRC32C();
        sum.update(head, AT_LENGTH, head.length - AT_LENGTH);
        return (int) sum.getValue();
    }

    /**
     * Returns how long the head of a file is.
     *
     * @param beginning its first {@link #BEGINNING} bytes; hostile
     * @param size of the file
     * @throws ImageException if it is none of a version that is known
     */
    static int length(ByteBuffer beginning, long size) {
        ByteBuffer at = beginning.order(ByteOrder.LITTLE_ENDIAN);
        if (at.limit() < BEGINNING || !isOne(at)) {
            throw ImageException.invalid("is not a snapshot: it does not begin with JUKVMSNP");
        }
        if (at.getInt(AT_VERSION) != VERSION) {
            throw ImageException.invalid(
                    "snapshot is of version "
                            + Integer.toUnsignedString(at.getInt(AT_VERSION))
                            + ", known: "
                            + VERSION);
        }
        long length = at.getLong(AT_LENGTH);
        if (length < PAGE || length > MAX_LENGTH || length % PAGE != 0 || length > size) {
            throw damaged("head of " + length + " bytes in a file of " + size);
        }
        return (int) length;
    }

    /** Takes the sections of a head apart, which is hostile. */
    static final class Reader {
        private final ByteBuffer at;
        private final int pagesSum;

        /**
         * Begins with the first.
         *
         * @param head as long as {@link #length} says
         * @throws ImageException if its sum is wrong
         */
        Reader(byte[] head) {
            this.at = ordered(head);
            if (at.getInt(AT_SUM) != sum(head)) {
                throw damaged("checksum of its head is wrong");
            }
            this.pagesSum = at.getInt(AT_PAGES_SUM);
            at.position(BEGINNING);
        }

        /** Returns what the sum of the pages must be. */
        int pagesSum() {
            return pagesSum;
        }

        /**
         * Returns the next section.
         *
         * @param name of it, for messages
         * @param min how many bytes it has at least
         * @param max how many bytes it has at most
         * @param unit its length is a multiple of
         * @throws ImageException if it is not like this, or reaches beyond the head
         */
        ByteBuffer next(String name, int min, long max, int unit) {
            int length = at.remaining() < Integer.BYTES ? -1 : at.getInt();
            if (length < min || length > max || length % unit != 0 || length > at.remaining()) {
                throw damaged(name + " of " + Integer.toUnsignedString(length) + " bytes");
            }
            ByteBuffer section = at.slice(at.position(), length).order(ByteOrder.LITTLE_ENDIAN);
            int padded = length + Math.floorMod(-(length + Integer.BYTES), ALIGNMENT);
            at.position(Math.min(at.limit(), at.position() + padded));
            return section;
        }

        /** Returns the next section, which has so many bytes. */
        ByteBuffer next(String name, int length) {
            return next(name, length, length, 1);
        }

        /**
         * Ends it.
         *
         * @throws ImageException if there is more
         */
        void end() {
            if (at.remaining() >= PAGE) {
                throw damaged(at.remaining() + " bytes behind its last section");
            }
        }
    }
}
