package jukvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomBytesTest {
    @Test
    void shouldFillFromPositionToLimitAndNothingElse() {
        Set<ByteBuffer> seen = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(64);
            RandomBytes.fill(bytes.position(8).limit(40));
            assertEquals(8, bytes.position());
            assertTrue(seen.add(bytes.slice(8, 32)), "the same bytes twice");
            bytes.clear();
            assertEquals(0, bytes.getLong(0));
            for (int at = 40; at < 64; at += Long.BYTES) {
                assertEquals(0, bytes.getLong(at));
            }
        }
    }

    @Test
    void shouldRefuseMoreThanTheKernelGivesAtOnce() {
        RandomBytes.fill(ByteBuffer.allocateDirect(256));
        ByteBuffer longer = ByteBuffer.allocateDirect(257);
        assertThrows(IllegalArgumentException.class, () -> RandomBytes.fill(longer));
    }
}
