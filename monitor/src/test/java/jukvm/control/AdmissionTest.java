package jukvm.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** So many at a time, each once, in order of arrival. */
final class AdmissionTest {
    private final List<String> begun = new ArrayList<>();

    private Admission<String> admission(int places) {
        return new Admission<>(places, begun::add);
    }

    private static void come(Admission<String> admission, String... names) {
        for (String name : names) {
            admission.arrive(name);
            admission.begin();
        }
    }

    @Test
    void shouldLetInSoManyAndTheNextWhenOneLeaves() {
        Admission<String> admission = admission(2);
        come(admission, "a", "b", "c", "d");
        assertEquals(List.of("a", "b"), begun);
        assertEquals(2, admission.waiting());
        admission.leave("b");
        admission.leave("a");
        assertEquals(List.of("a", "b", "c", "d"), begun);
        assertEquals(0, admission.waiting());
    }

    @Test
    void shouldGiveNoTurnForOneThatGivesUpWaiting() {
        Admission<String> admission = admission(1);
        come(admission, "a", "b", "c");
        admission.leave("b");
        assertEquals(List.of("a"), begun);
        admission.leave("a");
        assertEquals(List.of("a", "c"), begun);
    }

    @Test
    void shouldHaveAllPlacesAgainOnceAllHaveLeft() {
        Admission<String> admission = admission(2);
        come(admission, "a", "b");
        admission.leave("a");
        admission.leave("b");
        come(admission, "c", "d", "e");
        assertEquals(List.of("a", "b", "c", "d"), begun);
    }

    @Test
    void shouldLetNobodyGoTwice() {
        Admission<String> admission = admission(1);
        come(admission, "a", "b", "c");
        admission.leave("a");
        admission.leave("a");
        admission.leave("nobody");
        assertEquals(List.of("a", "b"), begun);
    }

    @Test
    void shouldGiveOnThePlaceOfOneThatIsTooLongIn() {
        ManualTime time = new ManualTime();
        Admission<String> admission = new Admission<>(2, begun::add, time, 10);
        come(admission, "a");
        time.pass(4);
        come(admission, "b", "c", "d", "e");
        time.pass(5);
        assertEquals(List.of("a", "b"), begun);
        time.pass(1);
        assertEquals(List.of("a", "b", "c"), begun);
        time.pass(4);
        assertEquals(List.of("a", "b", "c", "d"), begun);
        admission.leave("a"); // Neither has a place any more.
        admission.leave("b");
        assertEquals(1, admission.waiting());
        admission.leave("d");
        assertEquals(List.of("a", "b", "c", "d", "e"), begun);
        time.pass(100);
        assertEquals(0, time.timers());
    }

    @Test
    void shouldKeepNoTimeWhileNobodyWaits() {
        ManualTime time = new ManualTime();
        Admission<String> admission = new Admission<>(1, begun::add, time, 10);
        come(admission, "a");
        assertEquals(0, time.timers());
        time.pass(100);
        come(admission, "b");
        assertEquals(List.of("a"), begun);
        time.pass(0);
        assertEquals(List.of("a", "b"), begun);
        assertEquals(0, time.timers());
    }

    @Test
    void shouldNeedAPlace() {
        assertThrows(IllegalArgumentException.class, () -> admission(0));
    }

    // Guests end as soon as they begin when their monitor is closed: ten thousand of them in one
    // another's beginning would be no stack's to hold.
    @Test
    void shouldBeginThoseThatLeaveAtOnceOneAfterAnother() {
        AtomicInteger depth = new AtomicInteger();
        AtomicInteger deepest = new AtomicInteger();
        List<Admission<Integer>> self = new ArrayList<>();
        Admission<Integer> admission =
                new Admission<>(
                        1,
                        who -> {
                            deepest.accumulateAndGet(depth.incrementAndGet(), Math::max);
                            self.get(0).leave(who);
                            depth.decrementAndGet();
                        });
        self.add(admission);
        for (int i = 0; i < 10_000; i++) {
            admission.arrive(i);
        }
        admission.begin();
        assertEquals(1, deepest.get());
        assertEquals(0, admission.waiting());
    }

    @Test
    void shouldNeverHaveMoreInThanThereArePlaces() throws Exception {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        System.out.println("AdmissionTest: -Djukvm.seed=" + seed);
        SplittableRandom random = new SplittableRandom(seed);
        AtomicInteger in = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        AtomicInteger served = new AtomicInteger();
        ExecutorService guests = Executors.newFixedThreadPool(8);
        List<Admission<Integer>> self = new ArrayList<>();
        Admission<Integer> admission =
                new Admission<>(
                        3,
                        who -> {
                            most.accumulateAndGet(in.incrementAndGet(), Math::max);
                            guests.execute(
                                    () -> {
                                        served.incrementAndGet();
                                        in.decrementAndGet();
                                        self.get(0).leave(who);
                                    });
                        });
        self.add(admission);
        ExecutorService callers = Executors.newFixedThreadPool(4);
        for (int i = 0; i < 10_000; i++) {
            int who = i;
            boolean givesUp = random.nextInt(10) == 0;
            callers.execute(
                    () -> {
                        if (!givesUp) {
                            admission.arrive(who);
                            admission.begin();
                        }
                    });
            if (givesUp) {
                served.incrementAndGet();
            }
        }
        callers.shutdown();
        assertTrue(callers.awaitTermination(1, TimeUnit.MINUTES));
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (served.get() < 10_000 && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        guests.shutdown();
        assertTrue(guests.awaitTermination(1, TimeUnit.MINUTES));
        assertEquals(10_000, served.get());
        assertTrue(most.get() <= 3, most + " at once");
    }
}
