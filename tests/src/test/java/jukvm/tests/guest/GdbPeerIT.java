package jukvm.tests.guest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import jukvm.tests.support.BackgroundCommand;
import jukvm.tests.support.Command;
import jukvm.tests.support.DaemonFixture;
import jukvm.tests.support.GdbPeer;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guests under what speaks gdb's protocol, well or badly, at both rings. */
@RequiresKvm
final class GdbPeerIT {
    private static BackgroundCommand begin(String line) throws Exception {
        return DaemonFixture.resident().begin(line);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 0})
    void shouldInterruptAGuestThatSpinsAndKillIt(int ring) throws Exception {
        try (BackgroundCommand run = begin("$J run --gdb=0 --ring=" + ring + " $G/spin.hvt");
                GdbPeer gdb = GdbPeer.connect(run)) {
            assertEquals("T05thread:1;", gdb.ask("?"));
            gdb.send("c");
            run.awaitOutput("spinning");
            gdb.sendRaw("\003");
            assertEquals("T02thread:1;", gdb.receive());
            assertEquals("T05thread:1;", gdb.ask("s"));
            gdb.send("k");
            Command ended = run.await();
            assertEquals(1, ended.status(), ended.toString());
            assertTrue(ended.stderr().contains("guest stopped"), ended.toString());
        }
    }

    @Test
    void shouldStopAGuestWhenGdbComesAndLetItGoOnWhenItGoes() throws Exception {
        int port = freePort();
        String line = "$J run --deadline=20s --gdb-on-fault=" + port + " $G/spin.hvt";
        try (BackgroundCommand run = begin(line)) {
            run.awaitOutput("spinning");
            try (GdbPeer gdb = GdbPeer.connect(port)) {
                assertEquals("T02thread:1;", gdb.ask("?"));
                assertEquals("OK", gdb.ask("D"));
                assertEquals("", gdb.receive());
            }
            assertTrue(run.isAlive(), run.errors());
            assertTrue(run.await().stderr().contains("deadline"), run.errors());
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0)) {
            return free.getLocalPort();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 0})
    void shouldWaitForGdbWhenTheGuestHasFaulted(int ring) throws Exception {
        String line = "$J run --gdb-on-fault=0 --ring=" + ring + " $G/write-text.hvt";
        try (BackgroundCommand run = begin(line);
                GdbPeer gdb = GdbPeer.connect(run)) {
            assertEquals("writing to text\n", run.output());
            assertEquals("T0bthread:1;", gdb.ask("?"));
            String rip = gdb.ask("p10");
            gdb.send("c");
            assertEquals("X09", gdb.receive());
            Command ended = run.await();
            assertEquals(1, ended.status(), ended.toString());
            long at = Long.reverseBytes(Long.parseUnsignedLong(rip, 16));
            assertTrue(ended.stderr().contains("rip=0x" + Long.toHexString(at)), ended + rip);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 0})
    void shouldKeepTextFromBeingWrittenByTheGuest(int ring) throws Exception {
        try (BackgroundCommand run = begin("$J run --gdb=0 --ring=" + ring + " $G/write-text.hvt");
                GdbPeer gdb = GdbPeer.connect(run)) {
            assertEquals("OK", gdb.ask("Z0,100000,1")); // Its first instruction.
            assertEquals("T05thread:1;swbreak:;", gdb.ask("c"));
            assertEquals("OK", gdb.ask("z0,100000,1"));
            assertEquals("T0bthread:1;", gdb.ask("c"));
            assertEquals("X09", gdb.ask("c"));
            assertTrue(run.await().stderr().contains("translation fault"), run.errors());
        }
    }

    @Test
    void shouldTellWhatTheMonitorKnows() throws Exception {
        try (BackgroundCommand run = begin("$J run --gdb-on-fault=0 $G/fault.hvt");
                GdbPeer gdb = GdbPeer.connect(run)) {
            assertEquals("T06thread:1;", gdb.ask("?"));
            assertTrue(monitor(gdb, "hypercalls").matches("PUTS +1\nHALT +1\n"));
            assertEquals("none\n", monitor(gdb, "devices"));
            assertTrue(monitor(gdb, "timeline").contains("first hypercall "));
            assertTrue(monitor(gdb, "memory").contains(" R E image\n"));
            assertTrue(monitor(gdb, "sudo").startsWith("hypercalls "));
            assertEquals("Wff", gdb.ask("c"));
            assertEquals(255, run.await().status());
        }
    }

    private static String monitor(GdbPeer gdb, String command) throws IOException {
        HexFormat hex = HexFormat.of();
        gdb.send("qRcmd," + hex.formatHex(command.getBytes(StandardCharsets.US_ASCII)));
        StringBuilder text = new StringBuilder();
        String packet = gdb.receive();
        while (!packet.equals("OK")) {
            assertEquals('O', packet.charAt(0), packet);
            text.append(new String(hex.parseHex(packet.substring(1)), StandardCharsets.UTF_8));
            packet = gdb.receive();
        }
        return text.toString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "$Z0,100000,1#34$zzz#", // A breakpoint at the entry, then noise.
                "$m0,ffffffffffffffff#00$M0,7fffffff:00#00",
                "$p1000000#00$P0=zz#00$G0#00$Gffffffffffffffffff#00",
                "}}}}}$$$$$###"
            })
    void shouldGoOnWhenGdbGoesAway(String sent) throws Exception {
        try (BackgroundCommand run = begin("$J run --gdb=0 $G/hello.hvt")) {
            try (GdbPeer gdb = GdbPeer.connect(run)) {
                gdb.sendRaw(sent);
            }
            assertEquals(0, run.await().status());
        }
    }

    @Test
    void shouldEndAPeerWhosePacketHasNoEnd() throws Exception {
        try (BackgroundCommand run = begin("$J run --gdb=0 $G/hello.hvt");
                GdbPeer gdb = GdbPeer.connect(run)) {
            gdb.sendRaw("$" + "x".repeat(20_000));
            assertEquals(0, run.await().status());
        }
    }

    @Test
    void shouldKeepTheDeadlineOfAPeerThatFloodsAndNeverReads() throws Exception {
        Thread flood;
        try (BackgroundCommand run = begin("$J run --gdb=0 --deadline=3s $G/hello.hvt");
                GdbPeer gdb = GdbPeer.connect(run)) {
            flood = new Thread(() -> flood(gdb));
            flood.start();
            Command ended = run.await();
            assertEquals(1, ended.status(), ended.toString());
            assertTrue(ended.stderr().contains("deadline"), ended.toString());
        }
        flood.join();
    }

    private static void flood(GdbPeer gdb) {
        try {
            while (true) {
                gdb.sendRaw("$g#67\003\003".repeat(1000));
            }
        } catch (IOException e) {
            // Closed by whoever had enough.
        }
    }

    @Test
    void shouldEndByItsDeadlineWhileNobodyConnects() throws Exception {
        try (BackgroundCommand run = begin("$J run --gdb=0 --deadline=1s $G/hello.hvt")) {
            assertTrue(run.await().stderr().contains("deadline"), run.errors());
        }
    }

    @Test
    void shouldWaitForGdbAsThatTendersDebugProgramDoes() throws Exception {
        String line = "$S-debug --mem=16 --gdb --gdb-port=0 -- $G/hello.hvt a";
        try (BackgroundCommand run = begin(line);
                GdbPeer gdb = GdbPeer.connect(run)) {
            assertEquals("W00", gdb.ask("c"));
            assertTrue(run.await().stdout().endsWith("command line: a\n"), run.errors());
        }
        try (BackgroundCommand run = begin("$S-debug --gdb-port=65536 $G/hello.hvt")) {
            assertEquals(
                    "solo5-hvt-debug: Malformed argument to --gdb-port\n", run.await().stderr());
        }
    }
}
