package jukvm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import jukvm.testing.Allocation;
import org.junit.jupiter.api.Test;

class BufferAddressTest {
    private final BufferAddress addresses = new BufferAddress();

    @Test
    void shouldFollowThePosition() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(100);
        long start = Libc.get().address(buffer);
        assertEquals(start, addresses.of(buffer));
        assertEquals(start + 7, addresses.of(buffer.position(7)));
        assertEquals(start + 100, addresses.of(buffer.position(100)));
        assertEquals(start + 3, addresses.of(buffer.duplicate().position(3)));
        assertEquals(start + 10, addresses.of(buffer.position(5).slice().position(5)));
    }

    @Test
    void shouldNotTakeOneBufferForAnother() {
        ByteBuffer one = ByteBuffer.allocateDirect(16);
        ByteBuffer same = ByteBuffer.allocateDirect(16);
        for (int i = 0; i < 3; i++) {
            assertEquals(Libc.get().address(one), addresses.of(one));
            assertEquals(Libc.get().address(same), addresses.of(same));
        }
    }

    @Test
    void shouldRefuseABufferOfTheHeap() {
        ByteBuffer heap = ByteBuffer.allocate(16);
        assertThrows(IllegalArgumentException.class, () -> addresses.of(heap));
    }

    @Test
    void shouldAllocateNothingForTheSameBuffer() {
        ByteBuffer buffer = ByteBuffer.allocateDirect(16);
        Allocation.assertNone(() -> addresses.of(buffer));
    }
}
