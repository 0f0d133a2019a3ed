package jukvm.tests.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Together;
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

    // Bits of a mask of signals.
    private static final long HUP_INT_QUIT = 0b111;

    private DaemonFixture fixture;

    @BeforeAll
    void start() throws Exception {
        fixture = DaemonFixture.resident();
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
    void shouldWaitForADaemonThatWorksAndNotForOneThatHangs() throws Exception {
        DaemonFixture other = DaemonFixture.common();
        try {
            long daemon = other.startDaemon();
            Together.run(this::stopAfterALongRun, () -> stopThoughItHangs(other, daemon));
        } finally {
            other.close();
        }
    }

    private void stopAfterALongRun() throws Exception {
        try (BackgroundCommand run = fixture.begin(SPIN)) {
            run.awaitOutput("spinning");
            Thread.sleep(5500); // Longer than the client waits for a first word.
            assertTrue(run.isAlive());
            assertEquals(1, fixture.status().guests());
            signal("TERM", run);
            assertStoppedBySignal(run.await());
        }
    }

    private static void stopThoughItHangs(DaemonFixture other, long daemon) throws Exception {
        try (BackgroundCommand run = other.begin(SPIN)) {
            run.awaitOutput("spinning");
            Command.sh("kill -STOP " + daemon);
            try {
                signal("TERM", run);
                Command ended = run.await();
                assertEquals(1, ended.status(), ended::toString);
                assertTrue(ended.stderr().contains("has not stopped the guest in time"));
            } finally {
                Command.sh("kill -CONT " + daemon);
            }
            other.idle();
        }
    }

    @Test
    void shouldIgnoreASignalThatTheClientIsToIgnore() throws Exception {
        try (BackgroundCommand run = fixture.begin("trap '' INT HUP QUIT; " + SPIN)) {
            run.awaitOutput("spinning");
            for (String name : List.of("INT", "HUP", "QUIT")) {
                signal(name, run);
            }
            // The kernel forgets at once what is ignored, unless it is blocked, to be read later.
            assertEquals(HUP_INT_QUIT, signals(run, "SigIgn") & HUP_INT_QUIT);
            assertEquals(0, signals(run, "SigBlk") & HUP_INT_QUIT);
            assertEquals(0, signals(run, "ShdPnd"));
            assertEquals(1, fixture.status().guests());
            signal("TERM", run);
            assertStoppedBySignal(run.await());
        }
    }

    // The kernel's mask of that name, of the client.
    private static long signals(BackgroundCommand run, String name) throws Exception {
        Path file = Path.of("/proc", Long.toString(run.pid()), "status");
        String line =
                Files.readAllLines(file).stream()
                        .filter(each -> each.startsWith(name + ":"))
                        .findFirst()
                        .orElseThrow();
        return Long.parseUnsignedLong(line.substring(name.length() + 1).strip(), 16);
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

    // Its output is a full pipe.
    @ParameterizedTest
    @ValueSource(strings = {"INT", "KILL"})
    void shouldStopAGuestWhoseReaderDoesNotRead(String name, @TempDir Path folder)
            throws Exception {
        Path fifo = folder.resolve("f");
        assertEquals(0, Command.sh("mkfifo '" + fifo + "'").status());
        try (RandomAccessFile reader = new RandomAccessFile(fifo.toFile(), "rw")) {
            reader.write(new byte[1 << 16]);
            try (BackgroundCommand run =
                    fixture.begin("exec $J run $G/hello.hvt >'" + fifo + "'")) {
                fixture.awaitGuests(1);
                signal(name, run);
                Command ended = run.await();
                assertEquals(name.equals("KILL") ? 128 + 9 : 1, ended.status(), ended::toString);
                fixture.idle();
            }
        }
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
            DaemonFixture.resident(); // For all that come after.
        }
    }
}
