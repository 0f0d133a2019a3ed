package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A guest of the daemon ends when its client is told to end, or goes away. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class DaemonSignalsIT {
    private static final String SPIN = "exec $J run $G/spin.hvt";

    private DaemonFixture fixture;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        fixture = DaemonFixture.start(folder);
    }

    @AfterAll
    void stop() throws Exception {
        fixture.close();
    }

    private static void signal(String name, BackgroundCommand to) throws Exception {
        String[] kill = {"sh", "-c", "kill -" + name + " " + to.pid()};
        assertEquals(0, new ProcessBuilder(kill).start().waitFor());
    }

    private void assertStoppedBySignal(Command ended) throws Exception {
        assertEquals(1, ended.status(), ended::toString);
        assertEquals("spinning\n", ended.stdout());
        assertEquals(
                "jukvm: " + Guests.prebuilt("spin.hvt") + ": guest stopped by a signal\n",
                ended.stderr());
        fixture.idle();
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "TERM", "HUP", "QUIT"})
    void shouldStopAGuestAtASignal(String name) throws Exception {
        try (BackgroundCommand run = fixture.begin(SPIN)) {
            run.awaitOutput("spinning");
            fixture.awaitGuests(1);
            signal(name, run);
            assertStoppedBySignal(run.await());
        }
    }

    @Test
    void shouldStopAGuestAfterItHasRunForLong() throws Exception {
        try (BackgroundCommand run = fixture.begin(SPIN)) {
            run.awaitOutput("spinning");
            Thread.sleep(5500); // Longer than the client waits for a first word.
            assertTrue(run.isAlive());
            assertEquals(1, fixture.status().guests());
            signal("TERM", run);
            assertStoppedBySignal(run.await());
        }
    }

    @Test
    void shouldIgnoreASignalThatTheClientIsToIgnore() throws Exception {
        try (BackgroundCommand run = fixture.begin("trap '' INT HUP; " + SPIN)) {
            run.awaitOutput("spinning");
            signal("INT", run);
            signal("HUP", run);
            Thread.sleep(300);
            assertTrue(run.isAlive());
            assertEquals(1, fixture.status().guests());
            signal("TERM", run);
            assertStoppedBySignal(run.await());
        }
    }

    @Test
    void shouldStopTheGuestOfAClientThatIsKilled() throws Exception {
        try (BackgroundCommand run = fixture.begin(SPIN)) {
            run.awaitOutput("spinning");
            signal("KILL", run);
            assertEquals(128 + 9, run.await().status());
            fixture.idle();
        }
    }

    // A guest that prints, whose output is a full pipe that nobody reads.
    private static String blocked(String folder) {
        return "cd '"
                + folder
                + "'; mkfifo f; sleep 60 3<>f & p=$!; exec 4<>f;"
                + " (head -c 65536 /dev/zero >f); $J run $G/hello.hvt >f 4>&- & c=$!;"
                + " echo started; SEEN; kill -SIGNAL $c; wait $c; echo $?; kill $p";
    }

    @ParameterizedTest
    @ValueSource(strings = {"INT", "KILL"})
    void shouldStopAGuestWhoseReaderDoesNotRead(String name, @TempDir Path folder)
            throws Exception {
        String seen = "until $J daemon status | grep -q 'now: 1'; do :; done";
        String script = blocked(folder.toString()).replace("SEEN", seen).replace("SIGNAL", name);
        // A shell without job control has the background ignore SIGINT.
        Command run = fixture.shell(script.replace("-INT", "-TERM"));
        String status = name.equals("KILL") ? "137" : "1";
        assertEquals("started\n" + status + "\n", run.stdout(), run::toString);
        fixture.idle();
    }

    @Test
    void shouldOutliveAReaderThatGoesAway() throws Exception {
        Command run = fixture.shell("$J run $G/block.hvt; $J run $G/hello.hvt x | head -c 5");
        assertEquals("Hello", run.stdout());
        assertFalse(run.stderr().contains("Exception"), run.stderr());
        fixture.idle();
    }

    // Two blocks that it has written since are two lines that it has printed to nobody.
    @Test
    void shouldStopAChattyGuestThatWritesToNobody(@TempDir Path folder) throws Exception {
        Command run =
                fixture.shell(
                        "cd '"
                                + folder
                                + "'; truncate -s 1M d; mkfifo f; $J run --block:storage=d"
                                + " $G/block.hvt stamp >f 2>e & c=$!; head -c 5 <f;"
                                + " for i in 1 2; do was=$(cksum d);"
                                + " while [ \"$was\" = \"$(cksum d)\" ]; do :; done; done;"
                                + " kill -TERM $c; wait $c;"
                                + " echo $?; cat e >&2");
        assertEquals("block1\n", run.stdout(), run::toString);
        assertTrue(run.stderr().contains("guest stopped by a signal\n"), run.stderr());
        assertTrue(run.stderr().contains("stdout: write: EPIPE"), run.stderr());
        fixture.idle();
    }

    @Test
    void shouldStopGuestsWhenTheDaemonIsStopped() throws Exception {
        try (BackgroundCommand run = fixture.begin(SPIN)) {
            run.awaitOutput("spinning");
            assertEquals("stopped\n", fixture.daemon("stop").stdout());
            Command ended = run.await();
            assertEquals(1, ended.status(), ended::toString);
            assertEquals(1, ended.stderr().lines().count(), ended::toString);
            assertTrue(ended.stderr().startsWith("jukvm: "), ended::toString);
        } finally {
            fixture.startDaemon();
        }
    }
}
