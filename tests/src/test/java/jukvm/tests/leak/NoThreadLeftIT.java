package jukvm.tests.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jukvm.tests.support.Command;
import jukvm.tests.support.Patience;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Root;
import org.junit.jupiter.api.Test;

/** Where KVM can make no thread, a guest ends soon, and with what is to be done. */
@RequiresKvm
final class NoThreadLeftIT {
    private static final Duration LONG = Patience.of(Duration.ofMinutes(2));

    @Test
    void shouldNameTheLimitWhereKvmCanMakeNoThread() throws Exception {
        Root.assumeRoot();
        Path group = pids().resolve("jukvm-test-" + ProcessHandle.current().pid());
        Files.createDirectory(group);
        try {
            Command run =
                    Command.main(
                            NoThreadLeft.class,
                            LONG,
                            List.of("-Xint", "-Xlog:disable"),
                            group.toString());
            assertEquals(0, run.status(), run.stderr());
            assertEquals("Exited[status=0]", outcome(run, "before"));
            String without = outcome(run, "without a thread");
            assumeTrue(!without.equals("Exited[status=0]"), "this KVM needs no thread");
            assertTrue(without.startsWith("HostError"), without);
            assertTrue(without.contains("EAGAIN"), without);
            assertTrue(without.contains("ulimit -u"), without);
            assertTrue(without.contains("pids.max"), without);
            assertTrue(outcome(run, "stopped").startsWith("DeadlineExpired"), run.stdout());
            assertEquals("Exited[status=0]", outcome(run, "after"));
        } finally {
            remove(group);
        }
    }

    // The JVM may have said something of the threads that it could not start.
    private static String outcome(Command run, String when) {
        return run.stdout()
                .lines()
                .filter(line -> line.startsWith(when + ": "))
                .findFirst()
                .orElseThrow(() -> new AssertionError(run.stdout()))
                .substring(when.length() + 2);
    }

    // A group of pids alone, or of all controllers.
    private static Path pids() {
        return Stream.of("/sys/fs/cgroup/pids", "/sys/fs/cgroup")
                .map(Path::of)
                .filter(folder -> Files.isWritable(folder.resolve("cgroup.procs")))
                .findFirst()
                .orElseGet(() -> abort("no control groups"));
    }

    // Which is empty a moment after its process has ended.
    private static void remove(Path group) throws Exception {
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!group.toFile().delete() && System.nanoTime() < patience) {
            Thread.onSpinWait();
        }
    }
}
