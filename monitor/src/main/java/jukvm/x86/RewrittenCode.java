package jukvm.x86;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import jukvm.image.Segment;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * The instructions of an image whose results are the processor's own affair, such as its time-stamp
 * counter, and what is written over each: {@code out %eax, $PORT}, by which the guest asks the
 * monitor at either ring and on every host. Code is decoded from one known beginning of an
 * instruction to the next, never searched for bytes; where that fails before what may be such an
 * instruction, the image is refused. Immutable.
 */
public final class RewrittenCode {
    /** The port that is asked by, which no hypercall has. */
    public static final int PORT = 0xd0;

    private static final int OUT = 0xe7; // out %eax, $imm8
    private static final int OUT_SIZE = 2;
    private static final int NOP = 0x90;

    /** What an instruction asks for. */
    public enum Kind {
        /** RDTSC: the time-stamp counter. */
        RDTSC,
        /** RDTSCP: the same, with the number of the processor. */
        RDTSCP,
        /** RDRAND or RDSEED: a random number. */
        RANDOM,
        /** CPUID: what the processor is. */
        CPUID,
        /** WRMSR: has KVM keep a clock, among others. */
        WRMSR
    }

    /**
     * An instruction that was rewritten.
     *
     * @param gpa of its first byte
     * @param length in bytes
     * @param register that it writes, by its number in instructions, if it is {@link Kind#RANDOM}
     * @param width of that in bytes
     */
    record Place(long gpa, int length, Kind kind, int register, int width) {}

    private final Map<Long, Place> places = new TreeMap<>();

    private RewrittenCode() {}

    /**
     * Finds them.
     *
     * @param isRing0 whether WRMSR is among them, which at ring 3 is the trap emulator's
     * @throws ConfigException if the image's code cannot be told from its data
     */
    public static RewrittenCode of(GuestImage image, boolean isRing0) {
        RewrittenCode code = new RewrittenCode();
        for (Segment part : image.code()) {
            code.search(image, part, isRing0);
        }
        return code;
    }

    private void search(GuestImage image, Segment part, boolean isRing0) {
        InstructionLength lengths =
                new InstructionLength(
                        at ->
                                at >= 0 && at < part.fileSize()
                                        ? image.u8(part.fileOffset() + at)
                                        : -1);
        int[] beginnings = beginnings(image, part);
        int next = 0;
        int lost = -1; // Where decoding failed since the last known beginning.
        for (int at = 0; at < part.fileSize(); ) {
            while (next < beginnings.length && beginnings[next] <= at) {
                lost = beginnings[next++] == at ? -1 : lost;
            }
            int end = next < beginnings.length ? beginnings[next] : part.fileSize();
            int length = lost < 0 ? lengths.of(at) : InstructionLength.NONE;
            if (length == InstructionLength.NONE || at + length > end) {
                lost = lost < 0 ? at : lost;
                refuseIfOne(image, part, at, lost, isRing0);
                at++;
                continue;
            }
            Place place = place(image, part, at, length, isRing0);
            if (place != null) {
                places.put(place.gpa(), place);
            }
            at += length;
        }
    }

    private static int[] beginnings(GuestImage image, Segment part) {
        return image.symbols().all().stream()
                .mapToLong(symbol -> symbol.gpa() - part.gpa())
                .filter(offset -> offset >= 0 && offset < part.fileSize())
                .mapToInt(offset -> (int) offset)
                .toArray();
    }

    // What cannot be decoded may be data, or an instruction that is not known.
    private static void refuseIfOne(
            GuestImage image, Segment part, int at, int lost, boolean isRing0) {
        if (place(image, part, at, part.fileSize() - at, isRing0) != null) {
            throw new ConfigException(
                    String.format(
                            "%s: cannot be recorded: there may be an instruction at 0x%x that reads"
                                    + " the processor's clock, and code from 0x%x on cannot be"
                                    + " decoded; use an image that has its symbols",
                            image.name(), part.gpa() + at, part.gpa() + lost));
        }
    }

    private static @Nullable Place place(
            GuestImage image, Segment part, int at, int length, boolean isRing0) {
        int[] bytes = new int[Math.min(length, 8)];
        Arrays.setAll(bytes, i -> image.u8(part.fileOffset() + at + i));
        int i = 0;
        int rex = 0;
        boolean isShort = false;
        boolean isRepeated = false;
        for (; i < bytes.length - 2 && isPrefix(bytes[i]); i++) {
            isShort |= bytes[i] == 0x66;
            isRepeated |= bytes[i] == 0xf3;
        }
        if (i < bytes.length - 2 && (bytes[i] & 0xf0) == 0x40) {
            rex = bytes[i++];
        }
        if (i > bytes.length - 2 || bytes[i] != 0x0f) {
            return null;
        }
        int modrm = i + 2 < bytes.length ? bytes[i + 2] : 0;
        boolean isRandom = bytes[i + 1] == 0xc7 && modrm >= 0xf0 && !isRepeated;
        @Nullable Kind kind =
                switch (bytes[i + 1]) {
                    case 0x31 -> Kind.RDTSC;
                    case 0xa2 -> Kind.CPUID;
                    case 0x30 -> isRing0 ? Kind.WRMSR : null;
                    case 0x01 -> modrm == 0xf9 ? Kind.RDTSCP : null;
                    default -> isRandom ? Kind.RANDOM : null;
                };
        int register = modrm & 7 | (rex & 1) << 3;
        int width = (rex & 8) != 0 ? 8 : isShort ? 2 : 4;
        int size = i + (kind == Kind.RDTSCP || kind == Kind.RANDOM ? 3 : 2);
        return kind == null ? null : new Place(part.gpa() + at, size, kind, register, width);
    }

    private static boolean isPrefix(int octet) {
        return octet == 0x66 || octet == 0xf2 || octet == 0xf3;
    }

    /** Writes over them in guest memory, where the image was loaded. */
    public void apply(GuestMemory memory) {
        for (Place place : places.values()) {
            byte[] instead = new byte[place.length()];
            Arrays.fill(instead, (byte) NOP);
            instead[0] = (byte) OUT;
            instead[1] = (byte) PORT;
            memory.owned(place.gpa(), instead.length).put(0, instead);
        }
    }

    /** Returns the instruction that begins at an address, null if none was rewritten there. */
    @Nullable Place at(long gpa) {
        return places.get(gpa);
    }

    /** Returns the instruction whose {@code out} ends before an address, null if none does. */
    @Nullable Place before(long gpa) {
        return places.get(gpa - OUT_SIZE);
    }

    /** Returns where they are, ascending. */
    public List<Long> all() {
        return List.copyOf(places.keySet());
    }
}
