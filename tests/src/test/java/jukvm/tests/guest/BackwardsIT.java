package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.GdbPeer;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** gdb goes back in replayed runs, at both rings. */
@RequiresKvm
final class BackwardsIT {
    private static final String TRAP = "T05thread:1;";
    private static final String MET = "T05thread:1;swbreak:;";
    private static final String BEGIN = "T05replaylog:begin;";
    private static final String END = "T05replaylog:end;";

    @TempDir private Path folder = Path.of("");

    private BackgroundCommand replay(String recorded, String gdb) throws Exception {
        Command run = DaemonFixture.quick("cd '" + folder + "'; $J run --record=r " + recorded);
        assertTrue(Files.size(folder.resolve("r")) > 0, run.toString());
        return DaemonFixture.resident().begin("cd '" + folder + "'; $J replay --gdb=" + gdb + " r");
    }

    private static String rip(GdbPeer gdb) throws IOException {
        return gdb.ask("p10");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 0})
    void shouldStepBackToWhereItWas(int ring) throws Exception {
        try (BackgroundCommand run = replay("--ring=" + ring + " $G/hello.hvt", "0");
                GdbPeer gdb = GdbPeer.connect(run)) {
            assertTrue(gdb.ask("qSupported").contains("ReverseStep+;ReverseContinue+"));
            assertEquals(BEGIN, gdb.ask("bs"));
            String entry = rip(gdb);
            String[] states = new String[30];
            for (int i = 0; i < states.length; i++) {
                states[i] = gdb.ask("g");
                assertEquals(TRAP, gdb.ask("s"));
            }
            for (int i = states.length - 1; i >= 0; i--) {
                assertEquals(TRAP, gdb.ask("bs"));
                assertEquals(states[i], gdb.ask("g"), "step " + i);
            }
            assertEquals(entry, rip(gdb));
            assertEquals(END, gdb.ask("c"));
            String end = gdb.ask("g");
            assertEquals(TRAP, gdb.ask("bs"));
            assertNotEquals(end, gdb.ask("g"));
            assertEquals(BEGIN, gdb.ask("bc"));
            assertEquals(entry, rip(gdb));
            assertEquals(END, gdb.ask("c"));
            assertEquals(end, gdb.ask("g"));
            assertEquals("W00", gdb.ask("c"));
            Command ended = run.await();
            assertEquals(0, ended.status(), ended.toString());
            assertEquals(2, ended.stdout().lines().count(), ended.stdout());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 0})
    void shouldMeetBreakpointsOnTheWayBackAsOften(int ring) throws Exception {
        String recorded = "--ring=" + ring + " $G/exits.hvt calls=50";
        try (BackgroundCommand run = replay(recorded, "0");
                GdbPeer gdb = GdbPeer.connect(run)) {
            String at = afterCall(gdb);
            String[] states = new String[20];
            for (int i = 0; i < states.length; i++) {
                states[i] = goOn(gdb, at);
            }
            for (int i = states.length - 2; i >= 0; i--) {
                assertEquals(MET, gdb.ask("bc"));
                assertEquals(states[i], gdb.ask("g"), "hit " + i);
            }
            gdb.send("k");
            assertEquals(1, run.await().status());
        }
    }

    // As gdb goes on from where a breakpoint is: without it for one step.
    private static String goOn(GdbPeer gdb, String at) throws IOException {
        assertEquals("OK", gdb.ask("z0," + at + ",1"));
        assertEquals(TRAP, gdb.ask("s"));
        assertEquals("OK", gdb.ask("Z0," + at + ",1"));
        assertEquals(MET, gdb.ask("c"));
        return gdb.ask("g");
    }

    // Where the guest goes on after its first call, which is in its loop.
    private static String afterCall(GdbPeer gdb) throws IOException {
        String before = rip(gdb);
        while (true) {
            assertEquals(TRAP, gdb.ask("s"));
            String now = rip(gdb);
            long at = Long.reverseBytes(Long.parseUnsignedLong(now, 16));
            long was = Long.reverseBytes(Long.parseUnsignedLong(before, 16));
            if (gdb.ask("m" + Long.toHexString(was) + ",1").equals("ef")) {
                return Long.toHexString(at);
            }
            before = now;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 0})
    void shouldGoBackFromAFault(int ring) throws Exception {
        try (BackgroundCommand run = replay("--ring=" + ring + " $G/write-text.hvt", "0");
                GdbPeer gdb = GdbPeer.connect(run)) {
            assertEquals("T0bthread:1;", gdb.ask("c"));
            String there = rip(gdb);
            assertEquals(TRAP, gdb.ask("bs"));
            assertNotEquals(there, rip(gdb));
            assertEquals(BEGIN, gdb.ask("bc"));
            assertEquals("T0bthread:1;", gdb.ask("c"));
            assertEquals(there, rip(gdb));
            assertEquals("X09", gdb.ask("c"));
            Command ended = run.await();
            assertTrue(ended.stderr().contains("translation fault"), ended.toString());
        }
    }
}
