package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BlockSetTest {
    @Test
    void shouldAgreeWithABitSet() {
        int size = 5 << 15;
        Random random = new Random(2);
        BitSet expected = new BitSet();
        BlockSet set = new BlockSet();
        for (int i = 0; i < 300; i++) {
            int first = random.nextInt(size);
            int end = Math.min(size, first + random.nextInt(i % 10 == 0 ? size : 64));
            expected.set(first, end);
            set.add(first, end);
            walk(expected, set, size);
        }
    }

    private static void walk(BitSet expected, BlockSet set, int size) {
        for (int at = 0; at < size; ) {
            boolean in = expected.get(at);
            assertEquals(in, set.contains(at));
            int end = (int) set.endOfRun(at, size);
            assertTrue(end > at && end <= size);
            int change = in ? expected.nextClearBit(at) : expected.nextSetBit(at);
            assertTrue(change < 0 || end <= change);
            at = end;
        }
    }

    @Test
    void shouldNotGrowWithTheNumberOfABlock() {
        BlockSet set = new BlockSet();
        long last = Long.MAX_VALUE / 512;
        set.add(last, last + 1);
        assertTrue(set.contains(last));
        assertFalse(set.contains(last - 1));
        assertEquals(last, set.endOfRun(last - 1, last + 1));
        assertEquals(last + 1, set.endOfRun(last, last + 1));
    }

    @Test
    void shouldEndARunWhereItIsToldTo() {
        BlockSet set = new BlockSet();
        set.add(10, 20);
        assertEquals(8, set.endOfRun(0, 8));
        assertEquals(10, set.endOfRun(0, 30));
        assertEquals(15, set.endOfRun(10, 15));
        assertEquals(20, set.endOfRun(10, 30));
    }
}
