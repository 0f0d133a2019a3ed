package jukvm.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import jukvm.bench.Progress;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.SystemResult.Closed;
import org.junit.jupiter.api.Test;

final class ClosedLoopsTest {
    private static final Progress SILENT = new Progress(System.err, false);
    private static final double RAMP = 0.02;
    private static final long STEP = TimeUnit.MILLISECONDS.toNanos(10);

    private final List<Window> windows = new ArrayList<>();
    private final List<Integer> repetitions = new ArrayList<>();

    private ClosedLoops loops(ClosedLoops.Plan plan) {
        return new ClosedLoops(
                plan,
                (system, repetition, window) -> {
                    repetitions.add(repetition);
                    windows.add(window);
                },
                SILENT);
    }

    /**
     * One action of each worker every 10 ms by their own account, which begins now: before each
     * window, however late the workers are. The fourth ones fail.
     */
    private static FakeSystem everyTenMillis() {
        long now = System.nanoTime();
        ThreadLocal<AtomicLong> moments = ThreadLocal.withInitial(() -> new AtomicLong(now));
        ThreadLocal<AtomicLong> numbers = ThreadLocal.withInitial(AtomicLong::new);
        return FakeSystem.of(
                "fake",
                number -> {
                    long moment = moments.get().addAndGet(STEP);
                    boolean fails = numbers.get().incrementAndGet() % 4 == 0;
                    return FakeSystem.doneAt(moment, fails ? "fourth" : "");
                });
    }

    // A window of 200 ms holds exactly 20 moments of a clock that ticks every 10 ms.
    @Test
    void shouldCountWhatEndedWithinTheWindowAndWasRight() throws InterruptedException {
        FakeSystem system = everyTenMillis();
        Findings findings = new Findings(system);
        loops(new ClosedLoops.Plan(List.of(1, 2), 0.2, 2, 0.4, RAMP)).run(List.of(findings));
        assertEquals(List.of(0, 0, 1, 2), repetitions);
        assertEquals(List.of(15L, 30L, 60L, 60L), windows.stream().map(Window::actions).toList());
        assertEquals(List.of(5L, 10L, 20L, 20L), windows.stream().map(Window::failed).toList());
        assertEquals(List.of(1, 2, 2, 2), windows.stream().map(Window::workers).toList());
        SystemResult result = findings.result();
        assertEquals(
                List.of(75.0, 150.0), result.closed().stream().map(Closed::perSecond).toList());
        assertEquals(1000, result.closed().get(0).median(), 1);
        assertEquals(2, result.peak().orElseThrow().workers());
        assertEquals(List.of(150.0, 150.0), result.peak().orElseThrow().repetitions());
        assertTrue(result.failed() >= 5 + 10 + 20 + 20, result.failures().toString());
        system.assertEnded();
    }

    @Test
    void shouldGiveSlowSystemsLongerWindowsUpToFourTimes() throws InterruptedException {
        Findings findings = new Findings(everyTenMillis());
        findings.addWarmUp(FakeSystem.took(10_000_000, ""));
        loops(new ClosedLoops.Plan(List.of(1), 0.05, 0, 0, 0)).run(List.of(findings));
        assertEquals(0.2, windows.get(0).seconds(), 1e-9);
    }

    @Test
    void shouldHaveNoRateOfWhatGetsNothingDone() throws InterruptedException {
        AtomicLong moment = new AtomicLong(System.nanoTime());
        FakeSystem system =
                FakeSystem.of(
                        "fake", number -> FakeSystem.doneAt(moment.addAndGet(STEP), "always"));
        Findings findings = new Findings(system);
        loops(new ClosedLoops.Plan(List.of(1), 0.05, 1, 0.05, 0)).run(List.of(findings));
        assertEquals(List.of(0L, 0L), windows.stream().map(Window::actions).toList());
        assertEquals(List.of(0.0), findings.repetitions());
        assertEquals(0, findings.result().closed().get(0).p99());
        assertTrue(windows.get(0).failed() > 0);
        assertTrue(findings.result().failed() >= windows.get(0).failed() + windows.get(1).failed());
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
                            Thread.sleep(TimeUnit.MINUTES.toMillis(5));
                            return FakeSystem.took(1, "");
                        });
        ClosedLoops loops = loops(new ClosedLoops.Plan(List.of(3), 300, 0, 300, 0));
        List<Findings> all = List.of(new Findings(system));
        assertThrows(InterruptedException.class, () -> loops.run(all));
        system.assertEnded();
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("bench-meter")) {
                thread.join(TimeUnit.SECONDS.toMillis(60));
                assertTrue(!thread.isAlive());
            }
        }
        assertEquals(List.of(), windows);
    }
}
