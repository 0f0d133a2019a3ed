package jukvm.tests.daemon;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How a daemon ends, and what comes after it. */
@RequiresKvm
final class DaemonCrashIT {
    private static final String HELLO = "$J run $G/hello.hvt a";
    private static final int GUESTS = 5;

    @TempDir private Path folder;
    private DaemonFixture fixture;

    @BeforeEach
    void install() throws Exception {
        fixture = DaemonFixture.common();
    }

    /** Starts the daemon of an installation that the test changes, and returns its pid. */
    private long startOfItsOwn() throws Exception {
        fixture.close();
        fixture = DaemonFixture.install(folder);
        return fixture.startDaemon();
    }

    @AfterEach
    void stop() throws Exception {
        fixture.close();
    }

    private static void assertGreets(Command run) {
        assertEquals("Hello from a jukvm guest (hvt 2)\ncommand line: a\n", run.stdout());
        assertEquals("", run.stderr());
        assertEquals(0, run.status());
    }

    @Test
    void shouldTellEachClientThatTheDaemonWasKilled() throws Exception {
        fixture.startDaemon();
        List<BackgroundCommand> runs = new ArrayList<>();
        for (int i = 0; i < GUESTS; i++) {
            runs.add(fixture.begin("exec $J run $G/spin.hvt"));
        }
        long pid;
        ProcessHandle daemon;
        try {
            for (BackgroundCommand run : runs) {
                run.awaitOutput("spinning");
            }
            // At once: a client that was not told of anything yet must not run its guest again.
            pid = fixture.awaitGuests(GUESTS).pid();
            daemon = ProcessHandle.of(pid).orElseThrow();
            daemon.destroyForcibly();
            for (BackgroundCommand run : runs) {
                assertLost(run.await());
            }
        } finally {
            for (BackgroundCommand run : runs) {
                run.close();
            }
        }
        daemon.onExit().join();
        assertTrue(Files.exists(fixture.place().resolve("daemon")), "the socket is left");
        assertGreets(fixture.shell(HELLO));
        assertEquals("not running\n", fixture.daemon("status").stdout());
        fixture.startDaemon();
        assertNotEquals(pid, fixture.status().pid());
        assertGreets(fixture.shell(HELLO));
        assertEquals(1, fixture.idle().served());
    }

    private void assertLost(Command ended) {
        assertEquals(1, ended.status(), ended::toString);
        assertEquals("spinning\n", ended.stdout());
        assertEquals(1, ended.stderr().lines().count(), ended::toString);
        String said = ended.stderr();
        assertTrue(said.startsWith("jukvm: the daemon ended while it ran the guest."), said);
        assertTrue(said.endsWith("see " + fixture.place().resolve("daemon.log") + "\n"), said);
    }

    @Test
    void shouldReplaceADaemonOfAnotherBuild() throws Exception {
        long old = startOfItsOwn();
        Path jar = fixture.app().resolve("jukvm.jar");
        Path next = fixture.app().resolve("next.jar");
        Files.copy(jar, next);
        Files.move(next, jar, StandardCopyOption.ATOMIC_MOVE);
        Command run = fixture.shell(HELLO);
        assertTrue(run.stderr().startsWith("jukvm: preparing"), run.stderr());
        assertGreets(new Command(run.status(), run.stdout(), ""));
        awaitOther(old);
        assertGreets(fixture.shell(HELLO));
        assertEquals(1, fixture.idle().served());
    }

    @Test
    void shouldReplaceADaemonWhoseSourcesHaveChanged() throws Exception {
        long old = startOfItsOwn();
        Path source = folder.resolve("cli/src/main/launcher/launch.sh");
        // As an editor does that leaves all as it was: nothing is to be built.
        Files.setLastModifiedTime(source, Files.getLastModifiedTime(source));
        Command run = fixture.shell(HELLO);
        assertGreets(run);
        awaitOther(old);
        assertGreets(fixture.shell(HELLO));
        assertEquals(1, fixture.idle().served());
    }

    private void awaitOther(long old) throws Exception {
        long start = System.nanoTime();
        while (fixture.text().isEmpty() || fixture.status().pid() == old) {
            assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), "no other daemon");
            Thread.sleep(20);
        }
        ProcessHandle.of(old).ifPresent(process -> process.onExit().join());
    }

    // One that runs a guest for a client ends with it; who comes meanwhile goes on.
    @Test
    void shouldLetGuestsOfTheOldDaemonRunOn() throws Exception {
        long old = startOfItsOwn();
        try (BackgroundCommand run = fixture.begin("exec $J run $G/spin.hvt")) {
            run.awaitOutput("spinning");
            Path jar = fixture.app().resolve("jukvm.jar");
            Files.setLastModifiedTime(jar, FileTime.fromMillis(1));
            assertGreets(fixture.shell(HELLO));
            long start = System.nanoTime();
            while (fixture.text().isEmpty()) {
                assertTrue(
                        System.nanoTime() - start < Command.PATIENCE.toNanos(), "no other daemon");
                Thread.sleep(20);
            }
            assertNotEquals(old, fixture.status().pid());
            assertTrue(run.isAlive());
            Command ended = run.stop();
            assertEquals(1, ended.status(), ended::toString);
            ProcessHandle.of(old).ifPresent(process -> process.onExit().join());
        }
    }

    @Test
    void shouldEndWhenNobodyComes() throws Exception {
        long pid = fixture.startDaemon("--idle=1s");
        assertGreets(fixture.shell(HELLO));
        ProcessHandle.of(pid).ifPresent(daemon -> daemon.onExit().join());
        assertFalse(Files.exists(fixture.place().resolve("daemon")));
        Command status = fixture.daemon("status");
        assertEquals("not running\n", status.stdout());
        assertEquals(1, status.status());
        Command stop = fixture.daemon("stop");
        assertEquals("not running\n", stop.stdout());
        assertEquals(0, stop.status());
        assertGreets(fixture.shell(HELLO));
        fixture.startDaemon();
    }

    @Test
    void shouldBeOneForAllWhoStartIt() throws Exception {
        Command both =
                fixture.shell(
                        "$J daemon start >1 2>&1 & p=$!; $J daemon start >2 2>&1; echo $?;"
                                        .replace(">1", ">'" + folder + "/1'")
                                        .replace(">2", ">'" + folder + "/2'")
                                + " wait $p; echo $?");
        String said = Files.readString(folder.resolve("1")) + Files.readString(folder.resolve("2"));
        assertEquals("0\n0\n", both.stdout(), said);
        String pid = "pid " + fixture.status().pid() + " ";
        assertTrue(said.lines().allMatch(line -> line.contains(pid)), said);
        assertEquals(0, fixture.daemon("start").status());
        assertTrue(fixture.text().orElseThrow().contains(pid));
    }

    @Test
    void shouldNotListenWhereOthersCanEnter() throws Exception {
        Files.createDirectory(fixture.place());
        assertTrue(fixture.place().toFile().setExecutable(true, false));
        Command start = fixture.daemon("start");
        assertEquals(1, start.status());
        assertTrue(start.stderr().contains("can be entered by others"), start.stderr());
        assertEquals(1, start.stderr().lines().count(), start.stderr());
    }
}
