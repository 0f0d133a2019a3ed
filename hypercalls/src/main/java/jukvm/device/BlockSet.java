package jukvm.device;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * A set of block numbers that costs a bit for a block, and only near blocks that are in it: a guest
 * that writes to the end of a large disk makes it no larger.
 */
final class BlockSet {
    private static final int GROUP = 1 << 15;

    private final Map<Long, BitSet> groups = new HashMap<>();

    /** Adds the blocks from {@code first} up to and without {@code end}. */
    void add(long first, long end) {
        for (long at = first; at < end; ) {
            int start = (int) (at % GROUP);
            int length = (int) Math.min(end - at, GROUP - start);
            groups.computeIfAbsent(at / GROUP, g -> new BitSet()).set(start, start + length);
            at += length;
        }
    }

    /** Returns whether it has a block. */
    boolean contains(long block) {
        BitSet group = groups.get(block / GROUP);
        return group != null && group.get((int) (block % GROUP));
    }

    /**
     * Returns a block up to which, and without it, all from {@code first} are in the set or all are
     * not; it is after {@code first} and not after {@code end}.
     */
    long endOfRun(long first, long end) {
        BitSet group = groups.get(first / GROUP);
        int start = (int) (first % GROUP);
        int length = (int) Math.min(end - first, GROUP - start);
        if (group != null) {
            int change = group.get(start) ? group.nextClearBit(start) : group.nextSetBit(start);
            if (change >= 0) {
                length = Math.min(length, change - start);
            }
        }
        return first + length;
    }
}
