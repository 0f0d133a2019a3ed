package jukvm.tests.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest of the daemon does nothing while its client is stopped. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DaemonPauseIT {
    private static final long PATIENCE_NANOS = Run.LONG.toNanos();

    // timeout(1) is for a process group of its own, whose parent is of the same session: of
    // another the kernel does not stop anything by SIGTSTP.
    private static final String RUN =
            "cd 'FOLDER'; truncate -s 1M d; rm -f pid; exec timeout 100 sh -c"
                    + " 'echo $$ >new; mv new pid; exec $J run OPTIONS'";

    private Path folder = Path.of("");
    private DaemonFixture fixture;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        this.folder = folder;
        fixture = DaemonFixture.resident();
    }

    private BackgroundCommand begin(String options) throws Exception {
        return fixture.begin(RUN.replace("FOLDER", folder.toString()).replace("OPTIONS", options));
    }

    private void signal(String name) throws Exception {
        String[] kill = {"sh", "-c", "kill -" + name + " $(cat '" + folder + "/pid')"};
        assertEquals(0, new ProcessBuilder(kill).start().waitFor());
    }

    private void awaitStopped() throws Exception {
        Path stat = Path.of("/proc", Files.readString(folder.resolve("pid")).strip(), "stat");
        long start = System.nanoTime();
        while (!Files.readString(stat).contains(") T ")) {
            assertTrue(System.nanoTime() - start < PATIENCE_NANOS, "the client is not stopped");
            Thread.sleep(10);
        }
    }

    // For of SIGSTOP the daemon hears within a second or two.
    private static int awaitSilence(BackgroundCommand run) throws Exception {
        long start = System.nanoTime();
        int before;
        do {
            assertTrue(System.nanoTime() - start < PATIENCE_NANOS, "the guest goes on");
            before = run.output().length();
            Thread.sleep(200);
        } while (run.output().length() != before);
        return before;
    }

    private static void awaitMoreThan(int before, BackgroundCommand run) throws Exception {
        long start = System.nanoTime();
        while (run.output().length() <= before) {
            assertTrue(System.nanoTime() - start < PATIENCE_NANOS, "the guest does not go on");
            Thread.sleep(10);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"TSTP", "STOP", "TTIN", "TTOU"})
    void shouldDoAsItsClientDoes(String name) throws Exception {
        try (BackgroundCommand run = begin("--block:storage=d $G/block.hvt stamp")) {
            run.awaitOutput("ack");
            for (int i = 0; i < 2; i++) {
                signal(name);
                awaitStopped();
                int before = awaitSilence(run);
                assertEquals(1, fixture.status().guests());
                signal("CONT");
                awaitMoreThan(before, run);
            }
            signal("TERM");
            Command ended = run.await();
            assertTrue(ended.stderr().contains("guest stopped by a signal\n"), ended.stderr());
            assertEquals(1, ended.status());
        }
        fixture.idle();
    }

    // As of a process of its own, whose time goes on while it is stopped.
    @Test
    void shouldCountTheDeadlineOfAGuestThatIsPaused() throws Exception {
        try (BackgroundCommand run = begin("--deadline=3s $G/spin.hvt")) {
            run.awaitOutput("spinning");
            signal("TSTP");
            awaitStopped();
            fixture.idle();
            signal("CONT");
            Command ended = run.await();
            assertTrue(ended.stderr().endsWith("its deadline of 3s expired\n"), ended.stderr());
            assertEquals(1, ended.status());
        }
    }

    @Test
    void shouldEndAGuestWhoseClientIsKilledWhileItIsStopped() throws Exception {
        try (BackgroundCommand run = begin("$G/spin.hvt")) {
            run.awaitOutput("spinning");
            signal("TSTP");
            awaitStopped();
            signal("KILL");
            assertEquals(128 + 9, run.await().status());
            fixture.idle();
        }
    }
}
