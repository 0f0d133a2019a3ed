package jukvm.tests.hostile;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.Soak;
import org.junit.jupiter.api.Test;

/**
 * Random guests at both rings in one JVM, most of them stopped amid what they do: after each ten a
 * guest finds all as on a new VM. For two minutes with {@code -Psoak}, or {@code
 * -Djukvm.storm.seconds}; the same guests again by {@code -Djukvm.seed}, which is printed.
 */
@Soak
@RequiresKvm
final class StormIT {
    private static final Duration LONG =
            Duration.ofSeconds(Integer.getInteger("jukvm.storm.seconds", Soak.LONG ? 120 : 12));
    private static final long SEED = Long.getLong("jukvm.seed", System.nanoTime());
    private static final Duration ENDING = Duration.ofMinutes(5);
    private static final int BETWEEN_PORTRAITS = 10;

    /** The guests of one thread, all at one ring. */
    private static final class Leg {
        private final Monitor monitor;
        private final PrivilegeMode privilege;
        private final Random random;
        private final Map<String, Integer> ends = new TreeMap<>();
        private final Map<RunResult.Start, Integer> portraits = new TreeMap<>();
        private final List<Long> late = new ArrayList<>();

        Leg(Monitor monitor, PrivilegeMode privilege) {
            this.monitor = monitor;
            this.privilege = privilege;
            this.random = new Random(privilege == PrivilegeMode.RING_0 ? SEED : ~SEED);
        }

        Leg run() {
            SelfPortrait portrait = SelfPortrait.at(privilege);
            long end = System.nanoTime() + LONG.toNanos();
            for (int round = 0; System.nanoTime() < end; round++) {
                for (int i = 0; i < BETWEEN_PORTRAITS; i++) {
                    villain();
                }
                String after = "round " + round + " of seed " + SEED;
                portraits.merge(portrait.assertUnhurt(monitor, after), 1, Integer::sum);
            }
            return this;
        }

        private void villain() {
            Villain.Guest guest = Villain.next(random, privilege);
            // Some come again, when what they begin with is a template.
            for (int times = 1 + random.nextInt(6) / 4; times > 0; times--) {
                RunResult result =
                        Run.run(
                                monitor,
                                GuestSpec.of(guest.image())
                                        .memory(Hostile.MEMORY)
                                        .privilege(privilege)
                                        .deadline(guest.deadline())
                                        .notices(line -> {}));
                Outcome outcome = result.outcome();
                ends.merge(outcome.getClass().getSimpleName(), 1, Integer::sum);
                if (outcome instanceof Outcome.DeadlineExpired) {
                    late.add(result.timeline().startToExit() - guest.deadline().toNanos());
                }
            }
        }

        private void report() {
            long[] sorted = late.stream().mapToLong(Long::longValue).sorted().toArray();
            System.out.printf(
                    "storm at %s: %s; portraits %s; past the deadline by %s, %s at p99.9, %s at"
                            + " most%n",
                    privilege,
                    ends,
                    portraits,
                    millis(sorted, 0.5),
                    millis(sorted, 0.999),
                    millis(sorted, 1));
        }

        private static String millis(long[] sorted, double share) {
            int at = (int) Math.min(sorted.length - 1, share * sorted.length);
            return sorted.length == 0 ? "-" : String.format("%.1f ms", sorted[at] / 1e6);
        }
    }

    @Test
    void shouldHurtNoGuestThatComesAfter() {
        System.out.printf("storm of %d s: -Djukvm.seed=%d%n", LONG.toSeconds(), SEED);
        try (Monitor monitor = Monitor.open()) {
            List<CompletableFuture<Leg>> legs =
                    Arrays.asList(PrivilegeMode.RING_3, PrivilegeMode.RING_0).stream()
                            .map(privilege -> new Leg(monitor, privilege))
                            .map(leg -> CompletableFuture.supplyAsync(leg::run, Run.THREADS))
                            .toList();
            for (CompletableFuture<Leg> future : legs) {
                Leg leg = future.orTimeout(LONG.plus(ENDING).toSeconds(), SECONDS).join();
                leg.report();
                assertEquals(0, leg.ends.getOrDefault("HostError", 0), "host errors");
                assertTrue(leg.portraits.getOrDefault(RunResult.Start.POOLED, 0) > 0, "none kept");
            }
        }
    }
}
