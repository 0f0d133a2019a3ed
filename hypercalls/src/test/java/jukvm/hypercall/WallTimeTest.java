package jukvm.hypercall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jukvm.device.WallClock;
import jukvm.error.GuestException;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WallTimeTest {
    private static final long SIZE = 1 << 20;
    private static final long NOW = 1_790_000_000_123_456_789L;

    private final GuestMemory memory = GuestMemory.allocate(SIZE);
    private final WallTime wallTime = new WallTime(() -> NOW);

    @AfterEach
    void close() {
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 0x1000, 0x1001, SIZE - 8})
    void shouldWriteTheTimeAndNoMore(long gpa) {
        assertTrue(wallTime.handle(memory, gpa));
        assertEquals(NOW, memory.u64(gpa));
        memory.putU64(gpa, 0);
        for (long at = Math.max(0, gpa - 16); at < Math.min(SIZE, gpa + 24); at++) {
            assertEquals(0, memory.u8(at));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {SIZE - 7, SIZE, 0xffffffffL, -1, -8, Long.MAX_VALUE, Long.MIN_VALUE})
    void shouldRefuseAStructOutsideMemory(long gpa) {
        GuestException e = assertThrows(GuestException.class, () -> wallTime.handle(memory, gpa));
        assertEquals(
                "Invalid guest access: gpa=0x" + Long.toHexString(gpa) + ", sz=8, memory=0x100000",
                e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(longs = {0x2ff9, 0x3000, 0x3800, 0x3ff8, 0x3fff})
    void shouldRefusePagesTheGuestMayNotWrite(long gpa) {
        memory.protect(0x3000, 0x1000);
        assertThrows(GuestException.class, () -> wallTime.handle(memory, gpa));
        assertEquals(0, memory.u64(gpa));
        assertTrue(wallTime.handle(memory, 0x2ff8));
        assertTrue(wallTime.handle(memory, 0x4000));
    }

    @Test
    void shouldTellTheTimeOfTheHost() {
        long before = System.currentTimeMillis();
        new WallTime(WallClock.host()).handle(memory, 0x1000);
        long told = memory.u64(0x1000) / 1_000_000;
        // An hour either way: the clock of the host may be set meanwhile.
        assertTrue(Math.abs(told - before) < 3_600_000, told + " ms, host " + before + " ms");
    }
}
