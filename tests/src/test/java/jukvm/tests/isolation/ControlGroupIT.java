package jukvm.tests.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jukvm.error.ConfigException;
import jukvm.guest.Metrics;
import jukvm.guest.Outcome;
import jukvm.host.Layer;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Isolation;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.Test;

/** A worker has the limits of a control group, where this process may make any. */
@RequiresKvm
final class ControlGroupIT {
    private static final long SELF = ProcessHandle.current().pid();

    private static GuestSpec guest(String name) {
        return GuestSpec.of(GuestImage.read(Guests.prebuilt(name)))
                .memory(Run.MEMORY)
                .deadline(Run.LONG)
                .tenant("one");
    }

    private static GuestRun spinning(Monitor monitor, long memory) throws Exception {
        CountDownLatch spins = new CountDownLatch(1);
        GuestSpec spin = guest("spin.hvt").memory(memory).console(bytes -> spins.countDown());
        GuestRun run = monitor.start(spin);
        assertTrue(spins.await(Run.LONG.toSeconds(), TimeUnit.SECONDS));
        return run;
    }

    private static List<String> limits() throws Exception {
        List<String> second = Groups.file(SELF, "memory.max");
        return second.isEmpty() ? Groups.file(SELF, "memory.limit_in_bytes") : second;
    }

    @Test
    void shouldBoundAWorkerByItsGuests() throws Exception {
        assumeTrue(Groups.areThere(), "no control groups");
        try (Monitor monitor = Monitor.open(0, Isolation.PROCESS.warm(0).heap(64 << 20))) {
            GuestRun first = spinning(monitor, Run.MEMORY);
            GuestRun second = spinning(monitor, 2 * Run.MEMORY);
            // Heap, the JVM beside it, memory of both guests, and what each takes of the kernel.
            long most = (64L << 20) + (256L << 20) + 3 * Run.MEMORY + 2 * (16L << 20);
            assertEquals(List.of("" + most), limits());
            assertEquals(List.of("1024"), Groups.file(SELF, "pids.max"));
            first.cancel();
            second.cancel();
            assertEquals(new Outcome.Cancelled(), first.await().outcome());
            second.await();
            assertEquals(List.of("" + most), limits());
            Metrics.Workers workers = monitor.metrics().workers();
            assertEquals(1, workers.started());
            assertEquals(1, workers.ready());
            Set<Layer> told = new TreeSet<>(workers.layers());
            told.addAll(workers.missing().keySet());
            assertTrue(told.contains(Layer.LANDLOCK));
            assertTrue(workers.layers().contains(Layer.CGROUP), workers.missing()::toString);
            assertFalse(told.contains(Layer.NOT_DUMPABLE));
        }
        assertEquals(List.of(), Groups.of(SELF));
    }

    @Test
    void shouldLimitProcessors() throws Exception {
        Isolation half = Isolation.PROCESS.processors(0.5);
        assertThrows(ConfigException.class, () -> Isolation.THREAD.processors(1));
        assertThrows(ConfigException.class, () -> half.processors(0));
        assertThrows(ConfigException.class, () -> half.processors(-1));
        assertThrows(ConfigException.class, () -> half.processors(Double.NaN));
        if (!Groups.areThere()) {
            ConfigException refused =
                    assertThrows(ConfigException.class, () -> Monitor.open(half).close());
            assertTrue(refused.getMessage().contains("cgroup"), refused.getMessage());
            return;
        }
        try (Monitor monitor = Monitor.open(half)) {
            assertEquals(new Outcome.Exited(0), Run.run(monitor, guest("hello.hvt")).outcome());
            Set<String> quotas = new TreeSet<>(Groups.file(SELF, "cpu.cfs_quota_us"));
            quotas.addAll(Groups.file(SELF, "cpu.max"));
            assertTrue(Set.of("50000", "50000 100000").containsAll(quotas), quotas::toString);
            assertEquals(1, quotas.size());
        }
        assertEquals(List.of(), Groups.of(SELF));
    }
}
