package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.DebugGuests;
import jukvm.tests.support.GdbPeer;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import jukvm.tests.support.Root;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Cores of guests that go on after them, by the command. */
@RequiresKvm
@RequiresProgram(
        value = {"gdb", "gcc", "make"},
        byRoot = false)
final class CoreCommandIT {
    @TempDir private static Path folder = Path.of("");

    @BeforeAll
    static void build() throws Exception {
        DebugGuests.build(folder, List.of("spin.hvt", "poll.hvt", "poll.ukvm"));
    }

    private static BackgroundCommand begin(String line, boolean isCold) throws Exception {
        DaemonFixture daemon = DaemonFixture.resident();
        Map<String, String> environment = daemon.environment(isCold ? "off" : "auto");
        return BackgroundCommand.start(List.of("sh", "-c", "exec " + line), environment);
    }

    private static Command core(Path into, String named) throws Exception {
        return DaemonFixture.resident()
                .shell("exec $J core --dumpcore='" + into + "' '" + named + "'");
    }

    private static String gdb(Path guest, Path core) throws Exception {
        return DebugGuests.gdb("-ex", "bt", guest.toString(), core.toString()).toString();
    }

    // In the middle of what it computes, and waiting; sealed and not.
    @ParameterizedTest
    @CsvSource({
        "true, 3, spin.hvt, spinning, main",
        "true, 0, spin.hvt, spinning, main",
        "false, 3, spin.hvt, spinning, main",
        "true, 3, poll.hvt, poll (, poll",
        "false, 0, poll.hvt, poll (, poll",
        "false, 3, poll.ukvm, poll (, poll"
    })
    void shouldShowWhereAGuestIsThatGoesOn(
            boolean isCold, int ring, String name, String printed, String function)
            throws Exception {
        Path guest = folder.resolve(name);
        Path into = Files.createTempDirectory(folder, "cores");
        try (BackgroundCommand run =
                begin("$J run --ring=" + ring + " " + guest + " forever", isCold)) {
            run.awaitOutput(printed);
            for (int i = 1; i <= 2; i++) {
                Command told = core(into, Long.toString(run.pid()));
                assertEquals("", told.stderr(), told + run.errors());
                Path file = into.resolve("core.jukvm." + run.pid() + (i == 1 ? "" : "." + i));
                assertEquals("core dumped: " + file + "\n", told.stdout());
                assertEquals(
                        "rw-------",
                        PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
                String shown = gdb(guest, file);
                assertTrue(shown.contains(function) && shown.contains("in _start ()"), shown);
                assertTrue(shown.contains(name + " forever"), shown);
            }
            assertTrue(run.isAlive(), run.errors());
            Command ended = run.stop();
            assertEquals(1, ended.status(), ended.toString());
            assertTrue(ended.stderr().contains("guest stopped by a signal"), ended.toString());
        }
    }

    // The command that the page shows.
    private static String page() throws IOException {
        List<String> page = Files.readAllLines(Guests.ROOT.resolve("docs/debugging.md"));
        return page.stream()
                .filter(line -> line.startsWith("    jukvm core "))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldFindAGuestByItsName() throws Exception {
        Path guest = Files.copy(folder.resolve("spin.hvt"), folder.resolve("unique-7361.hvt"));
        try (BackgroundCommand run = begin("$J run " + guest, true)) {
            run.awaitOutput("spinning");
            String shown = page().replace("jukvm", "$J").replace("spin.hvt", "unique-7361.hvt");
            Command told = DaemonFixture.resident().shell("cd '" + folder + "' && exec " + shown);
            assertEquals("core dumped: ./core.jukvm." + run.pid() + "\n", told.stdout());
            try (BackgroundCommand other = begin("$J run " + guest, false)) {
                other.awaitOutput("spinning");
                Command refused = core(folder, guest.toString());
                assertEquals(1, refused.status(), refused.toString());
                assertTrue(refused.stderr().contains(run.pid() + ""), refused.toString());
                assertTrue(refused.stderr().contains(other.pid() + ""), refused.toString());
            }
        }
        Command none = core(folder, "unique-7361.hvt");
        assertEquals(
                "jukvm: no guest that runs was started as 'unique-7361.hvt'; give its process\n",
                none.stderr());
    }

    @Test
    void shouldRefuseWhatIsNoGuest(@TempDir Path empty) throws Exception {
        Command own = core(empty, ProcessHandle.current().pid() + "");
        assertTrue(own.stderr().endsWith(" runs no guest of jukvm\n"), own.toString());
        Command none = core(empty.resolve("none"), "unique");
        assertEquals(1, none.status(), none.toString());
        try (BackgroundCommand run = begin("$J run --gdb=0 " + folder.resolve("spin.hvt"), true)) {
            assertFalse(GdbPeer.place(run).isEmpty());
            Command held;
            do {
                held = core(empty, run.pid() + "");
            } while (held.stderr().contains("has no guest"));
            assertTrue(held.stderr().contains("does not come to rest"), held + run.errors());
            assertTrue(run.isAlive());
        }
        try (Stream<Path> left = Files.list(empty)) {
            assertEquals(0, left.count(), "a core that was refused is left");
        }
    }

    @Test
    void shouldGiveNothingToAnotherUser() throws Exception {
        Root.assumeRoot();
        Path open = Files.createTempDirectory("cores");
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
        try (BackgroundCommand run = begin("$J run " + folder.resolve("spin.hvt"), true)) {
            run.awaitOutput("spinning");
            String user = "exec setpriv --reuid=65534 --regid=65534 --clear-groups ";
            Command told =
                    DaemonFixture.resident()
                            .cold(user + "$J core --dumpcore='" + open + "' " + run.pid());
            assertEquals(1, told.status(), told.toString());
            assertTrue(told.stderr().contains("another user's"), told.toString());
            assertTrue(run.isAlive());
        }
        try (Stream<Path> left = Files.list(open)) {
            assertFalse(left.findAny().isPresent());
        }
        Files.delete(open);
    }
}
