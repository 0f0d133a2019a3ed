package jukvm.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jukvm.bench.Progress;
import jukvm.bench.load.FakeSystem.Instances;
import jukvm.bench.result.SystemResult;
import jukvm.bench.result.SystemResult.Density;
import jukvm.error.HostException;
import org.junit.jupiter.api.Test;

final class DensityRunsTest {
    private static final long OWN = ProcessHandle.current().pid();
    private static final long NOBODY = Integer.MAX_VALUE;

    private static SystemResult measure(Instances instances, Integer... levels)
            throws InterruptedException {
        Findings findings = new Findings(FakeSystem.withIdle(instances));
        new DensityRuns(new Progress(System.err, false)).run(List.of(findings), List.of(levels));
        return findings.result();
    }

    private static void assertAllEnded(Instances instances) {
        assertEquals(instances.started, instances.ended.stream().sorted().toList());
    }

    @Test
    void shouldStartMoreAndMoreAndEndAll() throws InterruptedException {
        Instances instances = new Instances(number -> {}, 0);
        SystemResult result = measure(instances, 1, 3);
        assertEquals(List.of(1, 3), result.density().stream().map(Density::instances).toList());
        assertEquals(List.of(1, 2, 3, 4), instances.started);
        assertAllEnded(instances);
        assertEquals(0, result.failed());
    }

    @Test
    void shouldTakeTheMemoryOfTheirProcesses() throws InterruptedException {
        Instances instances = new Instances(number -> {}, OWN);
        Density density = measure(instances, 2).density().get(0);
        assertTrue(density.pssMib() > 1, density.toString());
    }

    @Test
    void shouldLeaveOutWhatTheHostHasNoMemoryFor() throws InterruptedException {
        Instances instances = new Instances(number -> {}, OWN);
        SystemResult result = measure(instances, 1, 1_000_000);
        assertEquals(1, result.density().size());
        assertEquals(List.of(1, 2), instances.started);
        assertAllEnded(instances);
    }

    @Test
    void shouldEndAllIfOneDoesNotStart() throws InterruptedException {
        Instances instances =
                new Instances(
                        number -> {
                            if (number == 4) {
                                throw new HostException("guest", "does not greet", 0, "");
                            }
                        },
                        0);
        SystemResult result = measure(instances, 1, 5);
        assertEquals(1, result.density().size());
        assertEquals(3, instances.ended.size());
        assertEquals("idle instance: guest: does not greet", result.failures().get(0).reason());
        assertEquals(1, result.failed());
    }

    @Test
    void shouldEndAllIfOneHasEndedByItself() throws InterruptedException {
        Instances instances = new Instances(number -> {}, NOBODY);
        SystemResult result = measure(instances, 2);
        assertEquals(List.of(), result.density());
        assertAllEnded(instances);
        String reason = result.failures().get(0).reason();
        assertTrue(reason.contains("/proc/" + NOBODY + "/smaps_rollup"), reason);
    }

    @Test
    void shouldEndAllIfInterrupted() {
        Instances instances =
                new Instances(
                        number -> {
                            if (number == 3) {
                                throw new InterruptedException();
                            }
                        },
                        0);
        assertThrows(InterruptedException.class, () -> measure(instances, 5));
        assertAllEnded(instances);
        assertEquals(2, instances.ended.size());
    }

    @Test
    void shouldMeasureNothingOfWhatHasNoIdleInstances() throws InterruptedException {
        Findings findings = new Findings(FakeSystem.taking("fake", 1));
        new DensityRuns(new Progress(System.err, false)).run(List.of(findings), List.of(1));
        assertEquals(List.of(), findings.result().density());
    }
}
