package jukvm.tests.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Isolation;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.Test;

/** Whoever ends a worker, or its parent, ends what belongs to it and nothing else. */
@RequiresKvm
final class WorkerDeathIT {
    private static final long SECONDS = Run.LONG.toSeconds();
    private static final GuestImage HELLO = GuestImage.read(Guests.prebuilt("hello.hvt"));
    private static final GuestImage SPIN = GuestImage.read(Guests.prebuilt("spin.hvt"));

    private static GuestSpec hello(String tenant) {
        return GuestSpec.of(HELLO).memory(4L << 20).deadline(Run.LONG).tenant(tenant);
    }

    private static GuestRun spinning(Monitor monitor, String tenant) throws Exception {
        CountDownLatch spins = new CountDownLatch(1);
        GuestRun run =
                monitor.start(
                        GuestSpec.of(SPIN)
                                .memory(4L << 20)
                                .deadline(Run.LONG.multipliedBy(2))
                                .tenant(tenant)
                                .console(bytes -> spins.countDown()));
        assertTrue(spins.await(SECONDS, TimeUnit.SECONDS));
        return run;
    }

    private static Outcome end(GuestRun run) throws Exception {
        return run.result().get(SECONDS, TimeUnit.SECONDS).outcome();
    }

    @Test
    void shouldEndItsGuestsAlone() throws Exception {
        try (Monitor monitor = Monitor.open(Isolation.PROCESS.warm(0))) {
            GuestRun first = spinning(monitor, "one");
            Set<Long> ofOne = Workers.here();
            GuestRun second = spinning(monitor, "one");
            assertEquals(ofOne, Workers.here());
            GuestRun other = spinning(monitor, "another");
            assertEquals(2, Workers.here().size());
            long killed = ofOne.iterator().next();
            Workers.kill(killed);
            Outcome.WorkerDied died = assertInstanceOf(Outcome.WorkerDied.class, end(first));
            assertEquals("was killed by signal 9", died.how());
            assertEquals(OutcomeKind.WORKER_DIED, end(second).kind());
            assertTrue(!other.result().isDone());
            assertEquals(new Outcome.Exited(0), Run.run(monitor, hello("one")).outcome());
            assertTrue(!Workers.here().contains(killed));
            other.cancel();
            assertEquals(new Outcome.Cancelled(), end(other));
        }
        assertEquals(Set.of(), Workers.here());
    }

    @Test
    void shouldKeepTenantsApart() {
        try (Monitor monitor = Monitor.open(Isolation.PROCESS.workers(2).warm(0))) {
            Set<Long> seen = new HashSet<>();
            for (String tenant : List.of("a", "b", "c", "a")) {
                assertEquals(new Outcome.Exited(0), Run.run(monitor, hello(tenant)).outcome());
                Set<Long> now = Workers.here();
                assertTrue(now.size() <= 2, now::toString);
                Run.run(monitor, hello(tenant));
                assertEquals(now, Workers.here());
                now.removeAll(seen);
                assertEquals(1, now.size());
                seen.addAll(now);
            }
        }
    }

    @Test
    void shouldReplaceThoseThatHaveRunTheirGuests() throws Exception {
        try (Monitor monitor = Monitor.open(Isolation.PROCESS.warm(1).guestsEach(2))) {
            Set<Long> seen = new HashSet<>();
            for (int i = 0; i < 6; i++) {
                assertEquals(new Outcome.Exited(0), Run.run(monitor, hello("a")).outcome());
                seen.addAll(Workers.here());
            }
            assertTrue(seen.size() >= 3, seen::toString);
            Workers.await("they end", () -> Workers.here().size() == 1);
        }
    }

    @Test
    void shouldGiveAGuestOfNoTenantAWorkerForItself() throws Exception {
        try (Monitor monitor = Monitor.open(Isolation.PROCESS)) {
            for (int i = 0; i < 2; i++) {
                RunResult result = Run.run(monitor, hello("x").tenant(null));
                assertEquals(RunResult.Start.COLD, result.start());
            }
        }
    }

    @Test
    void shouldStopAGuestOfAWorkerThatDoesNotAnswer() throws Exception {
        try (Monitor monitor = Monitor.open(Isolation.PROCESS.warm(0))) {
            GuestRun run = spinning(monitor, "one");
            long worker = Workers.here().iterator().next();
            new ProcessBuilder("kill", "-STOP", "" + worker).start().waitFor();
            run.cancel();
            assertEquals(new Outcome.Cancelled(), end(run));
            Workers.await("it is killed", () -> !Workers.here().contains(worker));
        }
    }

    @Test
    void shouldWaitForAWorkerAndExpireMeanwhile() throws Exception {
        try (Monitor monitor = Monitor.open(Isolation.PROCESS.workers(1).warm(1))) {
            GuestRun run = spinning(monitor, "one");
            RunResult late = Run.run(monitor, hello("two").deadline(Duration.ofMillis(200)));
            assertEquals(OutcomeKind.DEADLINE, late.outcome().kind());
            assertEquals(RunResult.Start.NONE, late.start());
            GuestRun waiting = monitor.start(hello("two"));
            run.cancel();
            assertEquals(new Outcome.Exited(0), end(waiting));
        }
    }

    @Test
    void shouldBeSealed() throws Exception {
        try (Monitor monitor = Monitor.open(Isolation.PROCESS.warm(0))) {
            GuestRun run = spinning(monitor, "one");
            long worker = Workers.here().iterator().next();
            assertEquals("2", Workers.status(worker, "Seccomp"));
            assertEquals("1", Workers.status(worker, "NoNewPrivs"));
            assertNotEquals(worker, ProcessHandle.current().pid());
            run.cancel();
            end(run);
        }
    }

    @Test
    void shouldEndWithItsParent() throws Exception {
        Process parent =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-Djukvm.root=" + Guests.ROOT,
                                Embedder.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try {
            awaitLine(parent, "spins");
            Set<Long> workers = Workers.of(parent.toHandle());
            assertEquals(2, workers.size(), workers::toString);
            parent.destroyForcibly().waitFor();
            Workers.await(
                    "they end",
                    () ->
                            workers.stream()
                                    .noneMatch(
                                            pid ->
                                                    ProcessHandle.of(pid)
                                                            .map(ProcessHandle::isAlive)
                                                            .orElse(false)));
            // What is left of its control groups is removed by the next that makes some.
            Monitor.open(Isolation.PROCESS.warm(0)).close();
            assertEquals(List.of(), Groups.of(parent.pid()));
        } finally {
            parent.destroyForcibly();
        }
    }

    private static void awaitLine(Process process, String wanted) throws IOException {
        BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = lines.readLine();
        while (line != null && !line.equals(wanted)) {
            line = lines.readLine();
        }
        assertEquals(wanted, line);
    }

    /** A program with two workers, until it is killed. */
    static final class Embedder {
        private Embedder() {}

        public static void main(String[] arguments) throws Exception {
            try (Monitor monitor = Monitor.open(Isolation.PROCESS.warm(0))) {
                GuestRun one = spinning(monitor, "one");
                GuestRun two = spinning(monitor, "two");
                System.out.println("spins");
                one.await();
                two.await();
            }
        }
    }
}
