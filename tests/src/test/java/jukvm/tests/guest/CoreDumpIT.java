package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.DebugGuests;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What gdb makes of the cores of guests that have symbols, at both rings. */
@RequiresKvm
@RequiresProgram(
        value = {"gdb", "gcc", "make"},
        byRoot = false)
final class CoreDumpIT {
    private static final Pattern DUMPED = Pattern.compile("core dumped: (.*)\n");

    @TempDir private static Path folder = Path.of("");

    @BeforeAll
    static void build() throws Exception {
        DebugGuests.build(
                folder,
                List.of(
                        "fault.hvt",
                        "fault.v1.hvt",
                        "fault.v03.ukvm",
                        "write-text.hvt",
                        "spin.hvt"));
    }

    private static String core(Command run) {
        Matcher told = DUMPED.matcher(run.stderr());
        assertTrue(told.find(), run.toString());
        return told.group(1);
    }

    private static String gdb(String guest, String core, String command) throws Exception {
        return DebugGuests.gdb(
                        "-ex",
                        command,
                        folder.resolve(guest).toString(),
                        folder.resolve(core).toString())
                .toString();
    }

    @ParameterizedTest
    @CsvSource({"3, fault.hvt", "0, fault.hvt", "3, fault.v1.hvt", "0, fault.v03.ukvm"})
    void shouldShowTheLineOfAnExceptionThatTheGuestGaveUpOn(int ring, String guest)
            throws Exception {
        Command run =
                DaemonFixture.quick(
                        "cd \"$1\" && $J run --dumpcore=. --ring=" + ring + " " + guest + " divide",
                        folder.toString());
        String shown = gdb(guest, core(run), "bt");
        assertTrue(shown.contains(guest + " divide"), shown);
        assertTrue(shown.contains("SIGABRT"), shown);
        assertTrue(shown.contains("fault.c:65"), shown);
        assertTrue(shown.contains("#1  guest_main (") || shown.contains("#1  0x"), shown);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 0})
    void shouldShowWhereAGuestFaulted(int ring) throws Exception {
        Command run =
                DaemonFixture.quick(
                        "$J run --dumpcore=\"$1\" --ring=" + ring + " \"$1/write-text.hvt\"",
                        folder.toString());
        assertEquals(1, run.status(), run.toString());
        assertTrue(run.stderr().matches("(?s).*:   at 0x\\w+ guest_main\\+0x.*"), run.toString());
        assertTrue(run.stderr().endsWith(":   at 0x10000b _start+0xb\n"), run.toString());
        String shown = gdb("write-text.hvt", core(run), "bt");
        assertTrue(shown.contains("SIGSEGV") && shown.contains("write-text.c:1"), shown);
        assertTrue(shown.contains("guest_main") && shown.contains("in _start ()"), shown);
    }

    @Test
    void shouldShowWhereAGuestWasAtItsDeadline() throws Exception {
        Command run =
                DaemonFixture.quick(
                        "$J run --deadline=2s --dumpcore=\"$1\" \"$1/spin.hvt\"",
                        folder.toString());
        assertTrue(run.stderr().contains("deadline"), run.toString());
        String shown = gdb("spin.hvt", core(run), "bt");
        assertTrue(shown.contains("SIGXCPU") && shown.contains("in _start ()"), shown);
    }

    @Test
    void shouldDoWhatThePageShows() throws Exception {
        List<String> page = Files.readAllLines(Guests.ROOT.resolve("docs/debugging.md"));
        String dump = only(page, "    jukvm run --dumpcore=").replace(".debug", ".hvt");
        Command run =
                DaemonFixture.quick(
                        "cd \"$1\" && " + dump.replace("jukvm", "$J"), folder.toString());
        String debug = only(page, "    gdb fault.debug ");
        List<String> words =
                List.of(
                        debug.replace(".debug", ".hvt")
                                .replaceAll("core\\S+", core(run))
                                .split(" ", -1));
        assertEquals("gdb", words.get(0));
        String shown = gdb(words.get(1), words.get(2), "bt");
        assertTrue(shown.contains("fault.c:71"), shown);
    }

    private static String only(List<String> page, String start) {
        List<String> found = page.stream().filter(line -> line.startsWith(start)).toList();
        assertEquals(1, found.size(), start);
        return found.get(0).strip();
    }

    @Test
    void shouldListTheNamesOfCode() throws Exception {
        Command names =
                DaemonFixture.quick("$J inspect --symbols \"$1/fault.hvt\"", folder.toString());
        assertTrue(names.stdout().startsWith("0x00100000 "), names.toString());
        assertTrue(names.stdout().contains("  guest_main\n"), names.toString());
        Command json =
                DaemonFixture.quick(
                        "$J inspect --json --symbols \"$1/fault.hvt\"", folder.toString());
        assertTrue(json.stdout().contains("\"name\" : \"guest_main\""), json.toString());
    }

    @Test
    void shouldDumpAsThatTendersDebugProgramDoes() throws Exception {
        Command run =
                DaemonFixture.quick(
                        "$S-debug --mem=16 --dumpcore=\"$1\" -- \"$1/fault.hvt\"",
                        folder.toString());
        assertEquals(255, run.status(), run.toString());
        assertTrue(core(run).matches(".*/core\\.solo5-hvt\\.[0-9]+"), run.toString());
    }
}
