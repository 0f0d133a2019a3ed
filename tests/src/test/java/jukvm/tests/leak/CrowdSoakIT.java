package jukvm.tests.leak;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import jukvm.monitor.Monitor;
import jukvm.tests.support.HostCounters;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.Soak;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Sixty-four guests at once in one JVM, each run again as soon as it ends, and a third of them
 * hostile: those that behave lose nothing, and nothing of all is left. For a minute with {@code
 * -Psoak}, or {@code -Djukvm.soak.minutes}.
 */
@Soak
@RequiresKvm
final class CrowdSoakIT {
    private static final Duration LONG = time(Integer.getInteger("jukvm.soak.minutes"));
    private static final Duration ENDING = Duration.ofMinutes(5);
    private static final int LEAST_RUNS = 2;

    private static Duration time(@Nullable Integer minutes) {
        return minutes == null
                ? Duration.ofSeconds(Soak.LONG ? 60 : 5)
                : Duration.ofMinutes(minutes);
    }

    /** Runs guests of one kind, once. */
    private interface Kind {
        void run() throws Exception;
    }

    /** How often the guests at each place of the crowd were run, by their kind. */
    private final Map<String, List<CompletableFuture<Integer>>> places = new LinkedHashMap<>();

    @Test
    void shouldKeepGuestsFromHurtingEachOther() throws Exception {
        // Threads of other tests may stay for ever, so no more is asked than that none is added.
        HostCounters before = HostCounters.await(now -> now.vcpuPages() == 0);
        crowd();
        before.assertGivenBack();
        places.forEach(CrowdSoakIT::assertRestarted);
    }

    private void crowd() throws Exception {
        long end = System.nanoTime() + LONG.toNanos();
        try (Monitor monitor = Monitor.open()) {
            Crowd crowd = new Crowd(monitor);
            give("ping", 12, crowd::ping, end); // Two guests each.
            give("store", 10, crowd::store, end);
            give("sleep", 9, crowd::sleep, end);
            give("spin", 6, crowd::spin, end);
            give("storm", 5, crowd::storm, end);
            give("flood", 5, crowd::flood, end);
            give("fail", 5, crowd::fail, end);
            for (List<CompletableFuture<Integer>> kind : places.values()) {
                for (CompletableFuture<Integer> place : kind) {
                    place.get(LONG.plus(ENDING).toSeconds(), TimeUnit.SECONDS);
                }
            }
        }
    }

    private void give(String name, int count, Kind kind, long end) {
        List<CompletableFuture<Integer>> given = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            given.add(CompletableFuture.supplyAsync(() -> runUntil(end, kind), Run.THREADS));
        }
        places.put(name, given);
    }

    private static int runUntil(long end, Kind kind) {
        int runs = 0;
        do {
            try {
                kind.run();
            } catch (Exception e) {
                throw new AssertionError("after " + runs + " runs", e);
            }
            runs++;
        } while (runs < LEAST_RUNS || System.nanoTime() - end < 0);
        return runs;
    }

    private static void assertRestarted(String kind, List<CompletableFuture<Integer>> places) {
        List<Integer> runs = places.stream().map(CompletableFuture::join).toList();
        System.out.println("crowd, " + kind + ": " + runs + " runs");
        runs.forEach(count -> assertTrue(count > 1, kind + " was not run again: " + runs));
    }
}
