package jukvm.kvm;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a processor's debug registers wait for: an instruction or data, in four places, each of 1,
 * 2, 4 or 8 bytes at a multiple of that. Used by one thread. Source: SDM volume 3, section 17.2.
 *
 * <pre>
 * DR0 to DR3  linear address
 * DR7         of place n: enabled, bit 2 n; kind, bits 16 + 4 n; length, bits 18 + 4 n
 * DR6         place n was met, bit n
 * </pre>
 */
public final class DebugRegisters {
    private static final int PLACES = 4;
    private static final int LONGEST = 8;
    private static final int DR7 = 7;
    private static final long ALWAYS_SET = 1 << 10;

    /** What ends KVM_RUN. */
    public enum Kind {
        /** Before an instruction. */
        EXECUTION(0),
        /** After data was written, be it by what was there. */
        WRITE(1),
        /** After data was read or written. */
        ACCESS(3);

        private final long bits;

        Kind(long bits) {
            this.bits = bits;
        }
    }

    /**
     * What is waited for.
     *
     * @param address linear, as guests' are guest-physical
     * @param length in bytes, 1 of an instruction
     */
    public record Target(Kind kind, long address, int length) {}

    // Part of a target, of which several may be needed.
    private record Place(Target of, long address, int length) {}

    private final List<Place> places = new ArrayList<>(PLACES);

    /**
     * Waits for something, too.
     *
     * @return false if there are not places enough for all of it; then nothing has changed
     */
    public boolean add(Target target) {
        if (holds(target)) {
            return true;
        }
        List<Place> needed = places(target);
        return places.size() + needed.size() <= PLACES && places.addAll(needed);
    }

    private static List<Place> places(Target target) {
        List<Place> needed = new ArrayList<>();
        long at = target.address();
        long end = at + target.length();
        while (at < end && needed.size() <= PLACES) {
            int length = LONGEST;
            while (at % length != 0 || at + length > end) {
                length /= 2;
            }
            needed.add(new Place(target, at, length));
            at += length;
        }
        return needed;
    }

    /** Waits for something no more; false if it did not. */
    public boolean remove(Target target) {
        return places.removeIf(place -> place.of().equals(target));
    }

    /** Returns whether this is waited for. */
    public boolean holds(Target target) {
        return places.stream().anyMatch(place -> place.of().equals(target));
    }

    /** Waits for nothing any more. */
    public void clear() {
        places.clear();
    }

    /** Returns whether nothing is waited for. */
    public boolean isEmpty() {
        return places.isEmpty();
    }

    /**
     * Returns what was met; of several, data.
     *
     * @param status as {@link KvmRun#debugStatus} has it
     * @return null if none of it was
     */
    public @Nullable Target met(long status) {
        Target met = null;
        for (int i = 0; i < places.size(); i++) {
            Target target = places.get(i).of();
            if ((status >> i & 1) != 0 && (met == null || target.kind() != Kind.EXECUTION)) {
                met = target;
            }
        }
        return met;
    }

    /** Writes the eight registers. */
    void writeTo(ByteBuffer to, int from) {
        long control = isEmpty() ? 0 : ALWAYS_SET;
        for (int i = 0; i < PLACES; i++) {
            boolean isUsed = i < places.size();
            to.putLong(from + i * Long.BYTES, isUsed ? places.get(i).address() : 0);
            control |= isUsed ? bits(places.get(i)) << 4 * i << 16 | 1L << 2 * i : 0;
        }
        to.putLong(from + DR7 * Long.BYTES, control);
    }

    private static long bits(Place place) {
        long length =
                switch (place.length()) {
                    case 8 -> 2;
                    case 4 -> 3;
                    default -> place.length() - 1;
                };
        return place.of().kind().bits | length << 2;
    }
}
