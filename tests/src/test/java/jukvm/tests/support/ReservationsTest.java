package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A guest's memory that is left is told from a heap that has become smaller. */
final class ReservationsTest {
    private static final String FREE = " ---p 00000000 00:00 0 ";
    private static final String USED = " rw-p 00000000 00:00 0 ";
    private static final Reservations BEFORE = withHeap("69f000000-7ff800000" + FREE);

    @Test
    void shouldNotCountAPartOfTheHeapThatIsGivenBack() {
        Reservations now =
                withHeap(
                        "69f000000-708800000" + FREE,
                        "708800000-70cc00000" + USED,
                        "70cc00000-7ff800000" + FREE);
        assertEquals(0, now.minus(BEFORE));
    }

    @Test
    void shouldCountWhatIsLeftOfAGuest() {
        Reservations now =
                withHeap(
                        "69f000000-7ff800000" + FREE,
                        "7f0000000000-7f0001000000" + USED,
                        "7f0001000000-7f0200000000" + FREE);
        assertEquals(1, now.minus(BEFORE));
        assertEquals(0, BEFORE.minus(now));
        assertEquals(0, now.minus(now));
    }

    // Of guests before, whose memory was still to be freed, there may be less instead.
    @Test
    void shouldCountNoneThatIsThereInsteadOfAnother() {
        Reservations other =
                withHeap("69f000000-7ff800000" + FREE, "7f1000000000-7f1200000000" + FREE);
        Reservations now =
                withHeap("69f000000-7ff800000" + FREE, "7f0000000000-7f0200000000" + FREE);
        assertEquals(0, now.minus(other));
    }

    private static Reservations withHeap(String... others) {
        List<String> maps = new ArrayList<>(List.of("690000000-69f000000" + USED));
        maps.addAll(List.of(others));
        return new Reservations(maps);
    }
}
