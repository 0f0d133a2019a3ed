package jukvm.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The clocks of a recorded guest, read as Linux and Solo5 read KVM's. */
final class ParavirtualClockTest {
    private static final long SECOND = 1_000_000_000;

    /** What a guest takes the time for, as asm/pvclock-abi.h has it. */
    private static long nanos(byte[] clock, long ticks) {
        ByteBuffer at = ByteBuffer.wrap(clock).order(ByteOrder.LITTLE_ENDIAN);
        int shift = at.get(28);
        BigInteger delta = BigInteger.valueOf(ticks - at.getLong(8)).shiftLeft(shift);
        BigInteger factor = BigInteger.valueOf(at.getInt(24) & 0xffffffffL);
        return at.getLong(16) + delta.multiply(factor).shiftRight(32).longValueExact();
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                1_000_000,
                999_999_999,
                SECOND,
                SECOND + 1,
                2 * SECOND - 1,
                2 * SECOND,
                2 * SECOND + 1,
                2_400_000_000L,
                4 * SECOND,
                5_123_456_789L
            })
    void shouldPassAsFastAsTime(long hz) {
        byte[] clock = ParavirtualClock.systemTime(77, 5 * SECOND, hz);
        assertEquals(32, clock.length);
        assertEquals(5 * SECOND, nanos(clock, 77));
        long off = nanos(clock, 77 + 3600 * hz) - 3605 * SECOND;
        assertTrue(Math.abs(off) <= 7200, off + " ns"); // two in 10^9
        assertEquals(2, clock[0]); // a version that is even, and not 0
        assertEquals(1, clock[29]); // the counters of all processors agree
    }

    @Test
    void shouldTellTheDateInSecondsAndNanoseconds() {
        byte[] clock = ParavirtualClock.wallClock(1_500_000_000_000_000_001L);
        assertEquals("02000000002f685901000000", HexFormat.of().formatHex(clock));
    }

    @Test
    void shouldKnowTheRegistersOfEither() {
        assertTrue(ParavirtualClock.isSystemTime(0x12));
        assertTrue(ParavirtualClock.isSystemTime(0x4b564d01));
        assertFalse(ParavirtualClock.isSystemTime(0x11));
        assertFalse(ParavirtualClock.isSystemTime(0x4b564d00));
    }
}
