package jukvm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The time is the test's; it begins anywhere, as System.nanoTime does. */
class RingHelpTest {
    private static final long SOON = RingHelp.FAST_NANOS / 2;

    private long now = Long.MAX_VALUE - 5 * SOON; // It overflows on the way.
    private final RingHelp help = new RingHelp(now);

    private boolean kick(long after) {
        now += after;
        return help.isWantedAt(now, 1);
    }

    private boolean kicks() {
        boolean isWanted = false;
        for (int i = 0; i <= RingHelp.FAST_KICKS; i++) {
            isWanted = kick(SOON);
        }
        return isWanted;
    }

    /** Returns how long it rests, in nanoseconds: its kicks stay fast. */
    private long rest() {
        long begun = now;
        while (!kick(SOON)) {
            assertTrue(now - begun < 2 * RingHelp.MOST_REST, "it rests for ever");
        }
        return now - begun;
    }

    @Test
    void shouldBeWantedWhenKicksComeFast() {
        for (int i = 0; i < RingHelp.FAST_KICKS; i++) {
            assertFalse(kick(SOON));
        }
        assertTrue(kick(SOON));
        assertTrue(kick(SOON));
        assertFalse(kick(RingHelp.FAST_NANOS));
        assertFalse(kick(SOON));
    }

    @Test
    void shouldNotBeWantedForSlowKicks() {
        for (int i = 0; i < 100; i++) {
            assertFalse(kick(RingHelp.FAST_NANOS));
        }
    }

    @Test
    void shouldNotCountKicksForNothing() {
        for (int i = 0; i < 100; i++) {
            now += SOON;
            assertFalse(help.isWantedAt(now, 0));
        }
    }

    @Test
    void shouldBeWantedAtOnceWhereItWasWorthIt() {
        assertTrue(kicks());
        help.ended(now, RingHelp.WORTH, false);
        assertTrue(kick(SOON));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRestTheLongerTheLessItIsWorth(boolean isCrowded) {
        kicks();
        long expected = RingHelp.LEAST_REST;
        for (int i = 0; i < 20; i++) {
            help.ended(now, isCrowded ? 1_000_000 : RingHelp.WORTH - 1, isCrowded);
            long rest = rest();
            assertTrue(rest >= expected && rest < expected + 2 * SOON, rest + ", " + expected);
            expected = Math.min(2 * expected, RingHelp.MOST_REST);
        }
        assertEquals(RingHelp.MOST_REST, expected);
        help.ended(now, RingHelp.WORTH, false);
        assertTrue(kick(SOON));
        help.ended(now, 0, false);
        assertTrue(rest() < RingHelp.LEAST_REST + 2 * SOON);
    }

    @Test
    void shouldSeeWhetherOthersWantTheProcessor() {
        RingHelp.Spell spell = new RingHelp.Spell();
        spell.begin(1_000, 500);
        assertFalse(spell.next(1_001_000, 900_500));
        assertTrue(spell.next(2_001_000, 1_600_500));
        assertFalse(spell.next(3_001_000, 2_600_500));
        assertFalse(spell.next(3_051_000, 2_600_500), "too short a time says nothing");
    }
}
