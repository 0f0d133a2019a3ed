package jukvm.tests.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Isolation;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.Soak;
import org.junit.jupiter.api.Test;

/**
 * Sixteen tenants, a third of them with hostile guests, while a worker is killed each second: no
 * guest of a worker that lives loses anything. {@code -Psoak} does so for five minutes; {@code
 * -Djukvm.seed} kills the same.
 */
@RequiresKvm
@Soak
final class WorkerStormIT {
    private static final int TENANTS = Soak.LONG ? 16 : 4;
    private static final int HOSTILE = 3;
    private static final Duration TIME = Duration.ofSeconds(Soak.LONG ? 300 : 5);

    private final GuestImage hello = GuestImage.read(Guests.prebuilt("hello.hvt"));
    private final GuestImage fault = GuestImage.read(Guests.prebuilt("fault.hvt"));
    private final GuestImage spin = GuestImage.read(Guests.prebuilt("spin.hvt"));
    private final AtomicBoolean isOver = new AtomicBoolean();
    private final AtomicInteger whole = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private int kills;

    @Test
    void shouldLoseNothingOfTheOthers() throws Exception {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        Random random = new Random(seed);
        try (Monitor monitor = Monitor.open(Isolation.PROCESS.workers(TENANTS + 1))) {
            List<CompletableFuture<Void>> tenants = new ArrayList<>();
            for (int i = 0; i < TENANTS; i++) {
                int number = i;
                tenants.add(CompletableFuture.runAsync(() -> runAll(monitor, number), Run.THREADS));
            }
            long end = System.nanoTime() + TIME.toNanos();
            while (System.nanoTime() < end || whole.get() == 0) {
                assertTrue(System.nanoTime() < end + Run.LONG.toNanos(), "no guest ends");
                Thread.sleep(1000);
                killOne(random);
            }
            isOver.set(true);
            for (CompletableFuture<Void> tenant : tenants) {
                tenant.get(2 * Run.LONG.toSeconds(), TimeUnit.SECONDS);
            }
        } finally {
            System.out.printf(
                    "WorkerStormIT: -Djukvm.seed=%d, %d killed, %d guests whole, %d lost%n",
                    seed, kills, whole.get(), lost.get());
        }
        assertEquals(Set.of(), Workers.here());
        assertTrue(whole.get() > 0);
        assertTrue(lost.get() <= kills, "more are lost than were killed");
    }

    // One that is sealed: on a host that is busy others would never get so far.
    private void killOne(Random random) {
        List<Long> workers =
                Workers.here().stream().filter(WorkerStormIT::isSealed).sorted().toList();
        if (!workers.isEmpty()) {
            kills++;
            Workers.kill(workers.get(random.nextInt(workers.size())));
        }
    }

    private static boolean isSealed(long worker) {
        try {
            return Workers.status(worker, "Seccomp").equals("2");
        } catch (IOException e) {
            return false; // It has ended meanwhile.
        }
    }

    private void runAll(Monitor monitor, int tenant) {
        while (!isOver.get()) {
            if (tenant % HOSTILE == 0) {
                runHostile(monitor, "tenant" + tenant);
            } else {
                runGood(monitor, "tenant" + tenant);
            }
        }
    }

    private void runGood(Monitor monitor, String tenant) {
        ConsoleCapture console = Console.capture(1000);
        RunResult result =
                Run.run(
                        monitor,
                        GuestSpec.of(hello)
                                .memory(4L << 20)
                                .deadline(Run.LONG)
                                .arguments(tenant)
                                .tenant(tenant)
                                .console(console));
        if (result.outcome().kind() == OutcomeKind.WORKER_DIED) {
            lost.incrementAndGet();
            return;
        }
        assertEquals(new Outcome.Exited(0), result.outcome());
        assertEquals(
                "Hello from a jukvm guest (hvt 2)\ncommand line: " + tenant + "\n", console.text());
        whole.incrementAndGet();
    }

    private void runHostile(Monitor monitor, String tenant) {
        GuestSpec faulting = GuestSpec.of(fault).deadline(Run.LONG);
        GuestSpec spinning = GuestSpec.of(spin).deadline(Duration.ofMillis(100));
        for (GuestSpec guest : List.of(faulting, spinning)) {
            OutcomeKind kind =
                    Run.run(monitor, guest.memory(4L << 20).tenant(tenant)).outcome().kind();
            if (kind == OutcomeKind.WORKER_DIED) {
                lost.incrementAndGet();
            } else {
                assertTrue(
                        Set.of(OutcomeKind.FAULTED, OutcomeKind.ABORTED, OutcomeKind.DEADLINE)
                                .contains(kind),
                        kind::toString);
            }
        }
    }
}
