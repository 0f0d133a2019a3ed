package jukvm.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import jukvm.bench.Progress;
import jukvm.bench.action.Action;
import jukvm.error.HostException;
import org.junit.jupiter.api.Test;

final class LatencyRunsTest {
    private static final LatencyRuns.Plan PLAN = new LatencyRuns.Plan(40, 8, 4, 2, 3, 0);
    private static final Progress SILENT = new Progress(System.err, false);

    private final List<String> order = new ArrayList<>();
    private final Map<String, Integer> noted = new TreeMap<>();

    private void note(String system, int round, Action action) {
        String block = round + " " + system;
        noted.merge(block, 1, Integer::sum);
        if (order.isEmpty() || !order.get(order.size() - 1).equals(block)) {
            order.add(block);
        }
    }

    private LatencyRuns runs(LatencyRuns.Plan plan) {
        return new LatencyRuns(plan, this::note, SILENT);
    }

    @Test
    void shouldRunAsManyOfEachAsPlanned() throws InterruptedException {
        FakeSystem fast = FakeSystem.taking("fast", 100);
        FakeSystem slow = FakeSystem.taking("slow", 60_000);
        List<Findings> all = List.of(new Findings(fast), new Findings(slow));
        runs(PLAN).run(all);
        assertEquals(40, all.get(0).done().count());
        assertEquals(8, all.get(1).done().count());
        Map<String, Integer> expected = new TreeMap<>(Map.of("0 fast", 3, "0 slow", 3));
        for (int round = 1; round <= 4; round++) {
            expected.put(round + " fast", 10);
            expected.put(round + " slow", 2);
        }
        assertEquals(expected, noted);
        // And two before each block of what is not slow, which are not counted.
        assertEquals(3 + 4 * (2 + 10), fast.actions.get());
        assertEquals(3 + 4 * 2, slow.actions.get());
        fast.assertEnded();
        slow.assertEnded();
    }

    @Test
    void shouldTakeTurnsInAnotherOrderEachRound() throws InterruptedException {
        List<Findings> all = new ArrayList<>();
        for (String id : List.of("a", "b", "c", "d")) {
            all.add(new Findings(FakeSystem.taking(id, 1)));
        }
        runs(new LatencyRuns.Plan(10, 10, 10, 2, 1, 0)).run(all);
        assertEquals(List.of("0 a", "0 b", "0 c", "0 d"), order.subList(0, 4));
        HashSet<String> orders = new HashSet<>();
        for (int round = 1; round <= 10; round++) {
            List<String> blocks = order.subList(4 * round, 4 * round + 4);
            assertEquals(4, new HashSet<>(blocks).size());
            String number = round + " ";
            assertTrue(blocks.stream().allMatch(block -> block.startsWith(number)));
            orders.add(blocks.toString().replace(number, ""));
        }
        assertTrue(orders.size() > 3, orders.toString());
    }

    @Test
    void shouldLeaveFailuresOutOfTimes() throws InterruptedException {
        FakeSystem system =
                FakeSystem.of("fake", number -> FakeSystem.took(1, number % 2 == 0 ? "even" : ""));
        Findings findings = new Findings(system);
        runs(new LatencyRuns.Plan(10, 10, 1, 2, 4, 0)).run(List.of(findings));
        assertEquals(5, findings.done().count());
        assertEquals(system.actions.get() / 2, findings.result().failed());
        assertEquals(10, noted.get("1 fake"));
    }

    @Test
    void shouldWarmUpForAWhileWhatRunsInThisJvm() throws InterruptedException {
        long start = System.nanoTime();
        FakeSystem system = FakeSystem.embedded(number -> FakeSystem.took(1, ""));
        runs(new LatencyRuns.Plan(1, 1, 1, 2, 2, 0.1)).run(List.of(new Findings(system)));
        assertTrue(System.nanoTime() - start >= TimeUnit.MILLISECONDS.toNanos(100));
        assertTrue(system.actions.get() >= 2 + 2 + 1);
        assertEquals(Map.of("0 embedded", 2, "1 embedded", 1), noted);
    }

    @Test
    void shouldKeepWhatWasFoundBeforeAnInterruption() throws InterruptedException {
        Thread experiment = Thread.currentThread();
        FakeSystem other = FakeSystem.taking("other", 1);
        FakeSystem system =
                FakeSystem.of(
                        "fake",
                        number -> {
                            if (number == 3 + 2 * (2 + 10) + 5) {
                                experiment.interrupt();
                                Thread.sleep(TimeUnit.MINUTES.toMillis(5));
                            }
                            return FakeSystem.took(1, "");
                        });
        Findings findings = new Findings(system);
        List<Findings> all = List.of(new Findings(other), findings);
        assertThrows(InterruptedException.class, () -> runs(PLAN).run(all));
        assertFalse(Thread.currentThread().isInterrupted());
        assertEquals(20, findings.done().count());
        assertEquals(0, findings.result().failed());
        system.assertEnded();
        other.assertEnded();
    }

    @Test
    void shouldEndAllThreadsIfTheHostRefuses() throws InterruptedException {
        FakeSystem other = FakeSystem.taking("other", 1);
        FakeSystem system =
                FakeSystem.of(
                        "fake",
                        number -> {
                            throw new HostException("fork", "EAGAIN", 11, "");
                        });
        List<Findings> all = List.of(new Findings(other), new Findings(system));
        assertThrows(HostException.class, () -> runs(PLAN).run(all));
        system.assertEnded();
        other.assertEnded();
    }
}
