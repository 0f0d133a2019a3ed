package jukvm.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jukvm.guest.Outcome;
import org.junit.jupiter.api.Test;

/** Whoever races to start, stop and end a run, one of them ends it and it is delivered once. */
final class RunStateTest {
    private static final Outcome CANCELLED = new Outcome.Cancelled();
    private static final Outcome LATE = new Outcome.DeadlineExpired(Duration.ofSeconds(1));

    private final RunState state = new RunState();

    @Test
    void shouldBeStartedOnce() {
        assertTrue(state.start());
        assertFalse(state.start());
        assertTrue(state.end());
        assertFalse(state.start());
    }

    @Test
    void shouldStopForTheFirstReason() {
        assertTrue(state.start());
        assertNull(state.reason());
        assertEquals(RunState.Stop.FIRST, state.stop(LATE));
        assertEquals(RunState.Stop.AGAIN, state.stop(CANCELLED));
        assertEquals(LATE, state.reason());
    }

    @Test
    void shouldLeaveTheEndToWhoStopsWhatWaits() {
        assertEquals(RunState.Stop.UNSTARTED, state.stop(CANCELLED));
        assertFalse(state.start());
        assertEquals(RunState.Stop.AGAIN, state.stop(LATE));
    }

    @Test
    void shouldNotAbandonWhatWasNotStopped() {
        assertNull(state.abandon());
        assertTrue(state.start());
        assertNull(state.abandon());
        assertEquals(RunState.Phase.STARTED, state.phase());
    }

    @Test
    void shouldDeliverWhatIsAbandonedOnce() {
        assertTrue(state.start());
        assertEquals(RunState.Stop.FIRST, state.stop(LATE));
        assertEquals(LATE, state.abandon());
        assertNull(state.abandon());
        assertEquals(RunState.Stop.AGAIN, state.stop(CANCELLED));
        assertFalse(state.end());
    }

    @Test
    void shouldNotStopWhatHasEnded() {
        assertTrue(state.start());
        assertTrue(state.end());
        assertEquals(RunState.Stop.LATE, state.stop(CANCELLED));
        assertNull(state.abandon());
        assertNull(state.reason());
    }

    // Every order in which four threads can come: the VM's, which starts the run and ends it, two
    // that stop it, and the one that keeps time, which abandons it. Each of their steps is atomic.
    @Test
    void shouldEndAndDeliverOnceInEveryOrder() {
        List<List<Integer>> orders = new ArrayList<>();
        interleave(new int[] {2, 1, 1, 1}, new ArrayList<>(), orders);
        assertEquals(60, orders.size());
        orders.forEach(order -> new Race(order).run());
    }

    private static void interleave(int[] left, List<Integer> order, List<List<Integer>> orders) {
        boolean any = false;
        for (int thread = 0; thread < left.length; thread++) {
            if (left[thread] > 0) {
                any = true;
                left[thread]--;
                order.add(thread);
                interleave(left, order, orders);
                order.remove(order.size() - 1);
                left[thread]++;
            }
        }
        if (!any) {
            orders.add(List.copyOf(order));
        }
    }

    /** One order of steps, and who was told to do what. */
    private static final class Race {
        private final List<Integer> order;
        private final RunState run = new RunState();
        private final List<Outcome> reasons = new ArrayList<>();
        private boolean isOnVm;
        private boolean triedToStart;
        private int unstarted;
        private int first;
        private int ends;
        private int deliveries;

        Race(List<Integer> order) {
            this.order = order;
        }

        void run() {
            for (int thread : order) {
                switch (thread) {
                    case 0 -> vm();
                    case 1 -> stop(CANCELLED);
                    case 2 -> stop(LATE);
                    default -> abandon();
                }
            }
            String at = order.toString();
            assertEquals(1, ends, at);
            assertEquals(1, deliveries, at);
            assertEquals(isOnVm ? 0 : 1, unstarted, at);
            assertTrue(unstarted + first <= 1, at);
            assertEquals(RunState.Phase.ENDED, run.phase(), at);
            if (!reasons.isEmpty()) {
                assertEquals(reasons.get(0), run.reason(), at);
            }
        }

        private void vm() {
            if (!triedToStart) {
                triedToStart = true;
                isOnVm = run.start();
            } else if (isOnVm) {
                end();
            }
        }

        private void end() {
            ends++;
            deliveries += run.end() ? 1 : 0;
        }

        private void stop(Outcome reason) {
            RunState.Stop found = run.stop(reason);
            if (found != RunState.Stop.LATE) {
                reasons.add(reason);
            }
            first += found == RunState.Stop.FIRST ? 1 : 0;
            if (found == RunState.Stop.UNSTARTED) {
                unstarted++;
                end();
            }
        }

        private void abandon() {
            deliveries += run.abandon() == null ? 0 : 1;
        }
    }
}
