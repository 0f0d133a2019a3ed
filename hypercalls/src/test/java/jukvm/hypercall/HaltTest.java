package jukvm.hypercall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import jukvm.call.TrapFrame;
import jukvm.error.GuestException;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HaltTest {
    private static final long SIZE = 1 << 20;
    private static final long STRUCT = 0x1000;

    private final GuestMemory memory = GuestMemory.allocate(SIZE);
    private final Halt halt = new Halt();

    @AfterEach
    void close() {
        memory.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 255, 256, -1, Integer.MAX_VALUE, Integer.MIN_VALUE})
    void shouldEndTheGuestWithItsStatus(int status) {
        memory.putU32(STRUCT + 8, status);
        assertFalse(halt.handle(memory, STRUCT));
        assertEquals(status, halt.status());
        assertEquals(Optional.empty(), halt.frame());
    }

    @Test
    void shouldHaveStatusZeroUntilCalled() {
        assertEquals(0, halt.status());
        assertEquals(Optional.empty(), halt.frame());
    }

    @ParameterizedTest
    @ValueSource(longs = {0x2000, 1, SIZE - 512})
    void shouldReadTheTrapFrameOfACookie(long cookie) {
        memory.putU64(STRUCT, cookie);
        memory.putU32(STRUCT + 8, 255);
        for (int i = 0; i < 7; i++) {
            memory.putU64(cookie + 8L * i, i - 3);
        }
        assertFalse(halt.handle(memory, STRUCT));
        assertEquals(255, halt.status());
        assertEquals(Optional.of(new TrapFrame(-3, -2, -1, 0, 1, 2, 3)), halt.frame());
    }

    @Test
    void shouldReadACookieInPagesTheGuestMayNotWrite() {
        memory.owned(STRUCT, 8).putLong(0, 0x3000);
        memory.owned(0x3000, 8).putLong(0, 9);
        memory.protect(STRUCT, 0x1000);
        memory.protect(0x3000, 0x1000);
        assertFalse(halt.handle(memory, STRUCT));
        assertEquals(9, halt.frame().orElseThrow().cr2());
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                SIZE - 511,
                SIZE - 1,
                SIZE,
                0xffffffffL,
                -1,
                -512,
                Long.MAX_VALUE,
                Long.MAX_VALUE - 511,
                Long.MIN_VALUE
            })
    void shouldRefuseACookieOutsideMemory(long cookie) {
        memory.putU64(STRUCT, cookie);
        GuestException e = assertThrows(GuestException.class, () -> halt.handle(memory, STRUCT));
        assertEquals(
                "Invalid guest access: gpa=0x"
                        + Long.toHexString(cookie)
                        + ", sz=512, memory=0x100000",
                e.getMessage());
        assertEquals(Optional.empty(), halt.frame());
    }

    @Test
    void shouldReadAStructThatEndsWithMemory() {
        memory.putU32(SIZE - 4, 3);
        assertFalse(halt.handle(memory, SIZE - 12));
        assertEquals(3, halt.status());
    }

    @ParameterizedTest
    @ValueSource(longs = {SIZE - 11, SIZE - 8, SIZE, 0xffffffffL, -1, -12, Long.MIN_VALUE})
    void shouldRefuseAStructOutsideMemory(long gpa) {
        assertThrows(GuestException.class, () -> halt.handle(memory, gpa));
    }
}
