package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.DebugGuests;
import jukvm.tests.support.GdbPeer;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.RequiresProgram;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** gdb on guests that have symbols, at both rings. */
@RequiresKvm
@RequiresProgram(
        value = {"gdb", "gcc", "make"},
        byRoot = false)
final class GdbIT {
    private static final String[] DIALECTS = {"hvt", "v1.hvt", "v03.ukvm", "ukvm"};

    @TempDir private static Path folder = Path.of("");

    @BeforeAll
    static void buildWithSymbols() throws Exception {
        DebugGuests.build(folder, Stream.of(DIALECTS).map(name -> "hello." + name).toList());
    }

    @ParameterizedTest
    @CsvSource({
        "3, hvt",
        "3, v1.hvt",
        "3, v03.ukvm",
        "3, ukvm",
        "0, hvt",
        "0, v1.hvt",
        "0, v03.ukvm",
        "0, ukvm"
    })
    void shouldBreakStepWatchAndFinish(int ring, String dialect) throws Exception {
        Path guest = folder.resolve("hello." + dialect);
        Path socket = folder.resolve(ring + dialect);
        String line = "$J run --ring=" + ring + " --gdb=unix:" + socket + " " + guest + " hi";
        Path script = folder.resolve(ring + dialect + ".gdb");
        try (BackgroundCommand run = DaemonFixture.resident().begin(line)) {
            assertEquals(socket.toString(), GdbPeer.place(run));
            assertEquals(
                    "rw-------",
                    PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
            Files.writeString(
                    script,
                    """
                    set pagination off
                    set confirm off
                    target remote %s
                    hbreak guest_main
                    continue
                    printf "at 0x%%lx\\n", $pc
                    set var $from = $pc
                    stepi
                    printf "stepped %%d\\n", $pc > $from
                    delete
                    break command_line
                    continue
                    bt 2
                    finish
                    delete
                    set var $was = $rbx
                    set var $rbx = 0x1234
                    printf "rbx 0x%%lx xmm %%d\\n", $rbx, $xmm1.v4_int32[0]
                    set var $rbx = $was
                    watch line.used
                    continue
                    delete
                    continue
                    """
                            .formatted(socket));
            Command gdb = DebugGuests.gdb("-x", script.toString(), guest.toString());
            String said = gdb.stdout();
            String all = gdb.toString() + run.errors();
            assertTrue(said.contains("stepped 1"), all);
            assertTrue(said.contains("#1 ") && said.contains("in guest_main"), all);
            assertTrue(said.contains("Value returned is"), all);
            assertTrue(said.contains("rbx 0x1234 xmm 0"), all);
            assertTrue(said.contains("New value = "), all);
            assertTrue(said.contains("exited normally"), all);
            assertTrue(run.await().stdout().contains("command line: hi"), all);
        }
    }

    @ParameterizedTest
    @CsvSource({"3, hvt", "0, hvt", "3, ukvm"})
    void shouldFindBackwardsWhoWroteAVariable(int ring, String dialect) throws Exception {
        Path guest = folder.resolve("hello." + dialect);
        String name = "back" + ring + dialect;
        Path socket = folder.resolve(name);
        String recording = folder.resolve(name + ".rec").toString();
        String record = "$J run --ring=" + ring + " --record=" + recording + " " + guest + " hi";
        Command recorded = DaemonFixture.quick(record);
        assertTrue(recorded.stdout().endsWith("command line: hi\n"), recorded.toString());
        String line = "$J replay --gdb=unix:" + socket + " " + recording;
        Path script = folder.resolve(name + ".gdb");
        try (BackgroundCommand run = DaemonFixture.resident().begin(line)) {
            assertEquals(socket.toString(), GdbPeer.place(run));
            Files.writeString(
                    script,
                    """
                    set pagination off
                    set confirm off
                    set remotetimeout 120
                    target remote %s
                    break guest_main
                    continue
                    next
                    set var $used = &line.used
                    delete
                    continue
                    watch *$used
                    reverse-continue
                    reverse-continue
                    delete
                    reverse-continue
                    printf "at the start 0x%%lx\\n", $pc
                    continue
                    continue
                    """
                            .formatted(socket));
            Command gdb = DebugGuests.gdb("-x", script.toString(), guest.toString());
            String said = gdb.stdout();
            String all = gdb.toString() + run.errors();
            assertTrue(said.contains("No more reverse-execution history."), all);
            assertTrue(said.contains("Old value = "), all);
            assertTrue(said.contains("line->used += size;"), all);
            assertTrue(said.contains("at the start 0x100000"), all);
            assertTrue(said.contains("exited normally"), all);
            assertEquals(recorded.stdout(), run.await().stdout());
        }
    }
}
