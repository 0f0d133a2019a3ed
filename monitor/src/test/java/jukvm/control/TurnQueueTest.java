package jukvm.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Short guests pass long ones, and no long one waits for ever. */
final class TurnQueueTest {
    private static final long LATE = TurnQueue.PATIENCE_NANOS + 1;

    private final TurnQueue<String> queue = new TurnQueue<>();

    private List<String> drain(long now) {
        List<String> order = new ArrayList<>();
        for (String next = queue.poll(now); next != null; next = queue.poll(now)) {
            order.add(next);
        }
        return order;
    }

    @Test
    void shouldLetThemGoInOrderOfArrival() {
        queue.add("a", false, 0);
        queue.add("b", false, 1);
        queue.add("c", false, 2);
        assertEquals(List.of("a", "b", "c"), drain(3));
        assertNull(queue.poll(4));
    }

    @Test
    void shouldLetThoseGoFirstThatDidNotUseUpTheirTurn() {
        queue.add("long", true, 0);
        queue.add("short", false, 1);
        queue.add("shorter", false, 2);
        assertEquals(List.of("short", "shorter", "long"), drain(TurnQueue.PATIENCE_NANOS));
    }

    @Test
    void shouldGiveALateOneEverySecondTurn() {
        queue.add("late", true, 0);
        queue.add("later", true, 0);
        queue.add("a", false, 1);
        queue.add("b", false, 1);
        queue.add("c", false, 1);
        assertEquals(List.of("late", "a", "later", "b", "c"), drain(LATE));
    }

    // However many short ones come, a long one is through once for each of them.
    @Test
    void shouldStarveNobody() {
        long now = 0;
        queue.add("long", true, now);
        int turns = 0;
        for (int i = 0; i < 1000; i++) {
            queue.add("short", false, now);
            now += 1_000_000;
            String next = Objects.requireNonNull(queue.poll(now));
            if (next.equals("long")) {
                turns++;
                queue.add("long", true, now);
            }
        }
        assertTrue(turns >= 8, turns + " turns in a second");
    }

    @Test
    void shouldTakeOutWhoDoesNotWaitAnyMore() {
        queue.add("a", false, 0);
        queue.add("b", true, 0);
        assertTrue(queue.remove("b"));
        assertTrue(queue.remove("a"));
        assertFalse(queue.remove("a"));
        assertTrue(queue.isEmpty());
    }
}
