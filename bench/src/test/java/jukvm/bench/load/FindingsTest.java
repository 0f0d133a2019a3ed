package jukvm.bench.load;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jukvm.bench.result.Offered;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.SystemResult.Closed;
import jukvm.bench.result.SystemResult.Failure;
import org.junit.jupiter.api.Test;

final class FindingsTest {
    private final Findings findings = new Findings(FakeSystem.taking("fake", 1));

    private void offer(double rate, boolean held) {
        findings.add(new Offered(rate, 1, 1, 1, 1, 1, 100, 0, 0, held));
    }

    @Test
    void shouldCountFailuresAndLeaveThemOutOfTimes() {
        findings.addWarmUp(FakeSystem.took(5, ""));
        findings.addWarmUp(FakeSystem.took(9000, "rare"));
        findings.addLatency(FakeSystem.took(10, ""));
        findings.addLatency(FakeSystem.took(9000, "often"));
        findings.addLatency(FakeSystem.took(9000, "often"));
        SystemResult result = findings.result();
        assertArrayEquals(new double[] {10}, findings.done().micros());
        assertEquals(5, findings.warmUpMedian(), 0.01);
        assertEquals(1, result.latency().orElseThrow().done().count());
        assertEquals(5, result.latency().orElseThrow().hello().median(), 0.01);
        assertEquals(20, result.latency().orElseThrow().free().median(), 0.02);
        assertEquals(3, result.failed());
        assertEquals(List.of(new Failure("often", 2), new Failure("rare", 1)), result.failures());
    }

    @Test
    void shouldHaveNoFiguresOfWhatAlwaysFailed() {
        findings.addLatency(FakeSystem.took(10, "always"));
        SystemResult result = findings.result();
        assertTrue(result.latency().isEmpty());
        assertTrue(result.peak().isEmpty());
        assertEquals(0, result.warmUp());
        assertEquals(1, result.failed());
    }

    @Test
    void shouldHoldTheHighestRateBeforeTheFirstThatDidNot() {
        assertEquals(0, findings.result().heldRate());
        offer(100, true);
        offer(200, true);
        offer(400, false);
        offer(800, true);
        assertEquals(200, findings.result().heldRate());
        assertEquals(4, findings.result().offered().size());
    }

    @Test
    void shouldTakeTheWorkersThatDidMost() {
        assertEquals(1, findings.bestWorkers());
        findings.add(new Closed(1, 10, 1, 1));
        findings.add(new Closed(4, 30, 1, 1));
        findings.add(new Closed(16, 20, 1, 1));
        assertEquals(4, findings.bestWorkers());
    }

    @Test
    void shouldKeepFewReasonsAndCountAll() {
        Findings findings = new Findings(FakeSystem.taking("x", 1));
        for (int i = 0; i < 100; i++) {
            findings.addFailure("pid " + i);
        }
        findings.addFailure("pid 7");
        SystemResult result = findings.result();
        assertEquals(101, result.failed());
        assertEquals(11, result.failures().size());
        assertEquals(new Failure("pid 7", 2), result.failures().get(0));
        assertEquals(new Failure("other reasons", 90), result.failures().get(10));
    }
}
