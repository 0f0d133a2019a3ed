package jukvm.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import jukvm.bench.Progress;
import jukvm.bench.action.Action;
import jukvm.bench.result.Offered;
import org.junit.jupiter.api.Test;

final class OpenLoopsTest {
    private static final double RATE = 200;
    private static final double SECONDS = 0.2;
    private static final double FEW_SECONDS = 0.05;
    private static final int THREADS = 128;

    private final OpenLoops loops = new OpenLoops(THREADS, new Progress(System.err, false));

    private Offered offer(FakeSystem system) throws InterruptedException {
        return offer(system, SECONDS);
    }

    private Offered offer(FakeSystem system, double seconds) throws InterruptedException {
        Offered offered = loops.offer(new Findings(system), RATE, seconds);
        system.assertEnded();
        assertEquals(OpenLoops.arrivals(RATE, seconds).size(), offered.count());
        return offered;
    }

    /** Returns an action that took 1 ms and was done so long from now. */
    private static Action in(long millis, String failure) {
        return FakeSystem.doneAt(
                System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis), failure);
    }

    // Done before it was asked for: however slow this host is, that is in time.
    private static Action atOnce(String failure) {
        return in(-60_000, failure);
    }

    @Test
    void shouldHoldWhatIsFast() throws InterruptedException {
        // So few that all of them together are no backlog, if nothing is done on this host.
        Offered offered = offer(FakeSystem.of("fake", number -> atOnce("")), FEW_SECONDS);
        assertTrue(offered.held(), offered.toString());
        assertEquals(100, offered.inTimePercent());
        assertEquals(0, offered.failed());
        assertEquals(RATE, offered.rate());
    }

    @Test
    void shouldNotHoldIfAnActionFails() throws InterruptedException {
        FakeSystem system = FakeSystem.of("fake", number -> atOnce(number == 5 ? "fifth" : ""));
        Findings findings = new Findings(system);
        Offered offered = loops.offer(findings, RATE, SECONDS);
        assertFalse(offered.held());
        assertEquals(1, offered.failed());
        assertEquals(1, findings.result().failed());
        assertEquals(100.0 * (offered.count() - 1) / offered.count(), offered.inTimePercent());
    }

    @Test
    void shouldNotHoldWhatTakesTooLong() throws InterruptedException {
        Offered offered = offer(FakeSystem.of("fake", number -> in(100, "")));
        assertFalse(offered.held());
        assertEquals(0, offered.inTimePercent());
    }

    @Test
    void shouldNotHoldIfABacklogGrows() throws InterruptedException {
        Thread experiment = Thread.currentThread();
        CountDownLatch allHaveCome = new CountDownLatch(1);
        AtomicInteger come = new AtomicInteger();
        int all = OpenLoops.arrivals(RATE, SECONDS).size();
        FakeSystem system =
                FakeSystem.of(
                        "fake",
                        number -> {
                            if (come.incrementAndGet() == all) {
                                awaitLooked(experiment);
                                allHaveCome.countDown();
                            }
                            allHaveCome.await();
                            return atOnce("");
                        });
        Offered offered = offer(system);
        assertEquals(all, offered.backlog());
        assertFalse(offered.held());
    }

    // It asks for the first result once it has looked at what is still under way.
    private static void awaitLooked(Thread experiment) throws InterruptedException {
        while (Stream.of(experiment.getStackTrace())
                .noneMatch(frame -> frame.getMethodName().equals("result"))) {
            Thread.sleep(1);
        }
    }

    @Test
    void shouldCountFromWhenARequestWasToCome() throws InterruptedException {
        Offered offered = offer(FakeSystem.of("fake", number -> in(50, "")));
        assertTrue(offered.median() >= 50_000, offered.toString());
        assertTrue(offered.max() >= offered.p99() && offered.p99() >= offered.median());
    }

    @Test
    void shouldStopRisingAtTheFirstThatDoesNotHold() throws InterruptedException {
        int first = OpenLoops.arrivals(100, 0.1).size();
        FakeSystem system = FakeSystem.of("fake", number -> atOnce(number > first ? "second" : ""));
        Findings findings = new Findings(system);
        Findings other = new Findings(FakeSystem.of("other", number -> atOnce("")));
        loops.run(List.of(findings, other), List.of(100.0, 150.0, 200.0), 0.1);
        assertEquals(
                List.of(true, false),
                findings.result().offered().stream().map(Offered::held).toList());
        assertEquals(100, findings.result().heldRate());
        assertEquals(3, other.result().offered().size());
        assertEquals(200, other.result().heldRate());
    }

    @Test
    void shouldHaveAllWorkersBeforeTheFirstRequest() throws InterruptedException {
        AtomicInteger there = new AtomicInteger();
        FakeSystem[] itself = new FakeSystem[1];
        itself[0] =
                FakeSystem.of(
                        "fake",
                        number -> {
                            there.compareAndSet(0, itself[0].opened.get());
                            return atOnce("");
                        });
        offer(itself[0]);
        assertEquals(THREADS, there.get());
        assertEquals(THREADS, itself[0].opened.get());
    }

    @Test
    void shouldLeaveNoThreadIfInterrupted() throws InterruptedException {
        Thread experiment = Thread.currentThread();
        FakeSystem system =
                FakeSystem.of(
                        "fake",
                        number -> {
                            if (number == 1) {
                                experiment.interrupt();
                            }
                            TimeUnit.MINUTES.sleep(5);
                            return new Action(0, 0, 0, 0, "");
                        });
        Findings findings = new Findings(system);
        assertThrows(InterruptedException.class, () -> loops.offer(findings, RATE, 300));
        assertEquals(0, findings.result().failed());
        system.assertEnded();
    }
}
