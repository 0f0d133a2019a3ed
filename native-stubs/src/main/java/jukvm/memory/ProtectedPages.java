package jukvm.memory;

import java.util.Arrays;
import jukvm.error.GuestException;

/**
 * Pages the guest may not read, or may not write, as disjoint ranges from a start to before an end,
 * ascending. Immutable.
 */
final class ProtectedPages {
    static final ProtectedPages NONE = new ProtectedPages(new long[0], new long[0]);

    private final long[] starts;
    private final long[] ends;

    private ProtectedPages(long[] starts, long[] ends) {
        this.starts = starts;
        this.ends = ends;
    }

    /** Returns these and one more range, at or above the end of all; what touches becomes one. */
    ProtectedPages with(long gpa, long length) {
        int last = ends.length - 1;
        if (last >= 0 && gpa < ends[last]) {
            throw new IllegalArgumentException("ranges must be protected in ascending order");
        }
        if (last >= 0 && gpa == ends[last]) {
            long[] longer = ends.clone();
            longer[last] = gpa + length;
            return new ProtectedPages(starts, longer);
        }
        return new ProtectedPages(append(starts, gpa), append(ends, gpa + length));
    }

    private static long[] append(long[] array, long value) {
        long[] longer = Arrays.copyOf(array, array.length + 1);
        longer[array.length] = value;
        return longer;
    }

    /**
     * Returns the index of the first range that a range meets; negative if none, as for one without
     * a byte.
     */
    int first(long gpa, long length) {
        for (int i = 0; i < starts.length && length > 0; i++) {
            if (gpa < ends[i] && gpa + length > starts[i]) {
                return i;
            }
        }
        return -1;
    }

    /**
     * Refuses a range that meets any.
     *
     * @param what the guest may not do, for the message
     * @throws GuestException if it does
     */
    void refuse(long gpa, long length, String what) {
        int range = first(gpa, length);
        if (range >= 0) {
            String from = hex(starts[range]) + "..0x" + hex(ends[range]);
            throw new GuestException(invalidAccess(gpa, length) + what + from);
        }
    }

    /** Returns how the message about an access begins. */
    static String invalidAccess(long gpa, long length) {
        return "Invalid guest access: gpa=0x" + hex(gpa) + ", sz=" + Long.toUnsignedString(length);
    }

    private static String hex(long value) {
        return Long.toHexString(value);
    }

    int count() {
        return starts.length;
    }

    long start(int index) {
        return starts[index];
    }

    long end(int index) {
        return ends[index];
    }
}
