package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jukvm.monitor.Monitor;
import org.junit.jupiter.api.Test;

/**
 * Sixty-four guests at once in one JVM, each run again as soon as it ends, and a third of them
 * hostile: those that behave lose nothing, and nothing of all is left. For a minute, or {@code
 * -Djukvm.soak.minutes}.
 */
@RequiresKvm
final class CrowdSoakIT {
    private static final Duration LONG =
            Duration.ofMinutes(Integer.getInteger("jukvm.soak.minutes", 1));
    private static final Duration ENDING = Duration.ofMinutes(5);

    /** Runs guests of one kind, once. */
    private interface Kind {
        void run() throws Exception;
    }

    /** How often the guests at each place of the crowd were run, by their kind. */
    private final Map<String, List<CompletableFuture<Integer>>> places = new LinkedHashMap<>();

    @Test
    void shouldKeepGuestsFromHurtingEachOther() throws Exception {
        crowd(Duration.ZERO, 1); // Each once, so that all is loaded.
        HostCounters before = HostCounters.await(now -> now.guestThreads().isEmpty());
        places.clear();
        crowd(LONG, 2);
        before.assertGivenBack();
        places.forEach(CrowdSoakIT::assertRestarted);
    }

    private void crowd(Duration time, int least) throws Exception {
        long end = System.nanoTime() + time.toNanos();
        try (Monitor monitor = Monitor.open()) {
            Crowd crowd = new Crowd(monitor);
            give("ping", 12, crowd::ping, end, least); // Two guests each.
            give("store", 10, crowd::store, end, least);
            give("sleep", 9, crowd::sleep, end, least);
            give("spin", 6, crowd::spin, end, least);
            give("storm", 5, crowd::storm, end, least);
            give("flood", 5, crowd::flood, end, least);
            give("fail", 5, crowd::fail, end, least);
            for (List<CompletableFuture<Integer>> kind : places.values()) {
                for (CompletableFuture<Integer> place : kind) {
                    place.get(time.plus(ENDING).toSeconds(), TimeUnit.SECONDS);
                }
            }
        }
    }

    private void give(String name, int count, Kind kind, long end, int least) {
        List<CompletableFuture<Integer>> given = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            given.add(CompletableFuture.supplyAsync(() -> runUntil(end, least, kind), Run.THREADS));
        }
        places.put(name, given);
    }

    private static int runUntil(long end, int least, Kind kind) {
        int runs = 0;
        do {
            try {
                kind.run();
            } catch (Exception e) {
                throw new AssertionError("after " + runs + " runs", e);
            }
            runs++;
        } while (runs < least || System.nanoTime() - end < 0);
        return runs;
    }

    private static void assertRestarted(String kind, List<CompletableFuture<Integer>> places) {
        List<Integer> runs = places.stream().map(CompletableFuture::join).toList();
        System.out.println("crowd, " + kind + ": " + runs + " runs");
        runs.forEach(count -> assertTrue(count > 1, kind + " was not run again: " + runs));
    }
}
