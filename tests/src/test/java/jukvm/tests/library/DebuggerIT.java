package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HexFormat;
import java.util.concurrent.CompletionException;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.error.ConfigException;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.image.Segment;
import jukvm.monitor.Debugger;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Profiler;
import jukvm.tests.support.GdbPeer;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Debuggers of a program's own guests. */
@RequiresKvm
final class DebuggerIT {
    private static final GuestImage HELLO = GuestImage.read(Guests.prebuilt("hello.hvt"));

    private static final int RSP = 7;
    private static final int RIP = 16;

    private static GdbPeer connect(Debugger debugger) throws Exception {
        String place = debugger.place();
        return GdbPeer.connect(Integer.parseInt(place.substring(place.lastIndexOf(':') + 1)));
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.US_ASCII));
    }

    // Memory that guests cannot write is not cleaned for the next; gdb can write it.
    @ParameterizedTest
    @EnumSource(PrivilegeMode.class)
    void shouldLeaveNothingToTheNextGuest(PrivilegeMode privilege) throws Exception {
        byte[] file = Files.readAllBytes(Guests.prebuilt("hello.hvt"));
        int at = new String(file, StandardCharsets.ISO_8859_1).indexOf("Hello from");
        Segment constants =
                HELLO.segments().stream()
                        .filter(part -> at - part.fileOffset() < part.fileSize())
                        .filter(part -> at >= part.fileOffset() && !part.writable())
                        .findFirst()
                        .orElseThrow();
        String gpa = Long.toHexString(constants.gpa() + at - constants.fileOffset());
        GuestSpec hello = GuestSpec.of(HELLO).memory(16L << 20).privilege(privilege);
        try (Monitor monitor = Monitor.open()) {
            ConsoleCapture changed = Console.capture(1000);
            try (Debugger debugger = Debugger.atEntry("0")) {
                GuestRun run = monitor.start(hello.console(changed).debugger(debugger));
                try (GdbPeer gdb = connect(debugger)) {
                    assertEquals("OK", gdb.ask("M" + gpa + ",5:" + hex("Jello")));
                    assertEquals("W00", gdb.ask("c"));
                }
                assertEquals(new Outcome.Exited(0), run.await().outcome());
            }
            assertTrue(changed.text().startsWith("Jello from"), changed.text());
            ConsoleCapture next = Console.capture(1000);
            RunResult result = Run.run(monitor, hello.console(next));
            assertTrue(next.text().startsWith("Hello from"), next.text());
            assertEquals(RunResult.Start.COLD, result.start());
        }
    }

    /** A guest at its entry, with what gdb is to it. */
    private record Debugged(Monitor monitor, Debugger debugger, GuestRun run, GdbPeer gdb)
            implements AutoCloseable {
        static Debugged begin(PrivilegeMode privilege) throws Exception {
            Monitor monitor = Monitor.open();
            Debugger debugger = Debugger.atEntry("0");
            GuestSpec hello = GuestSpec.of(HELLO).memory(16L << 20).privilege(privilege);
            GuestRun run = monitor.start(hello.deadline(Run.LONG).debugger(debugger));
            return new Debugged(monitor, debugger, run, connect(debugger));
        }

        long register(int number) throws IOException {
            String littleEndian = gdb.ask("p" + Integer.toHexString(number));
            return Long.reverseBytes(Long.parseUnsignedLong(littleEndian, 16));
        }

        void assertEndsWell() throws Exception {
            assertEquals("W00", gdb.ask("c"));
            assertEquals(new Outcome.Exited(0), run.await().outcome());
        }

        @Override
        public void close() throws IOException {
            gdb.close();
            debugger.close();
            monitor.close();
        }
    }

    // By debug registers where the host has them, by memory and steps where it has not.
    @ParameterizedTest
    @EnumSource(PrivilegeMode.class)
    void shouldStopWhereTheProcessorIsAskedTo(PrivilegeMode privilege) throws Exception {
        try (Debugged guest = Debugged.begin(privilege)) {
            GdbPeer gdb = guest.gdb();
            assertEquals("T05thread:1;", gdb.ask("s"));
            assertEquals("T05thread:1;", gdb.ask("s"));
            String call = Long.toHexString(guest.register(RIP));
            assertEquals("OK", gdb.ask("P10=0000100000000000")); // To its first instruction.
            assertEquals("OK", gdb.ask("Z1," + call + ",1"));
            assertEquals("T05thread:1;hwbreak:;", gdb.ask("c"));
            assertEquals(call, Long.toHexString(guest.register(RIP)));
            assertEquals("OK", gdb.ask("z1," + call + ",1"));
            String pushed = Long.toHexString(guest.register(RSP) - 8);
            assertEquals("OK", gdb.ask("Z2," + pushed + ",8"));
            assertEquals("T05thread:1;watch:" + pushed + ";", gdb.ask("c"));
            assertEquals("OK", gdb.ask("z2," + pushed + ",8"));
            assertEquals("", gdb.ask("Z3," + pushed + ",8"));
            String reads = gdb.ask("Z4," + pushed + ",8");
            if (!reads.isEmpty()) {
                assertEquals("OK", reads);
                assertEquals("T05thread:1;awatch:" + pushed + ";", gdb.ask("c"));
                assertEquals("OK", gdb.ask("z4," + pushed + ",8"));
            }
            guest.assertEndsWell();
        }
    }

    // What the guest does not touch is the debugger's to write and to read.
    @ParameterizedTest
    @EnumSource(PrivilegeMode.class)
    void shouldShowAvxRegistersWhereTheGuestIsToldOfThem(PrivilegeMode privilege) throws Exception {
        try (Debugged guest = Debugged.begin(privilege)) {
            GdbPeer gdb = guest.gdb();
            String ymm1h = "3c"; // After the 59 others and the first.
            if (description(gdb).contains("org.gnu.gdb.i386.avx")) {
                String pattern = "0102030405060708090a0b0c0d0e0f10";
                assertEquals("OK", gdb.ask("P" + ymm1h + "=" + pattern));
                assertEquals("T05thread:1;", gdb.ask("s"));
                assertEquals(pattern, gdb.ask("p" + ymm1h));
                assertEquals("0".repeat(32), gdb.ask("p3d"));
                assertTrue(gdb.ask("g").endsWith(pattern + "0".repeat(14 * 32)));
            } else {
                assertEquals("E01", gdb.ask("p" + ymm1h));
            }
            guest.assertEndsWell();
        }
    }

    private static String description(GdbPeer gdb) throws IOException {
        StringBuilder xml = new StringBuilder();
        String part;
        do {
            String from = Integer.toHexString(xml.length());
            part = gdb.ask("qXfer:features:read:target.xml:" + from + ",800");
            xml.append(part.substring(1));
        } while (part.startsWith("m"));
        assertTrue(xml.toString().endsWith("</target>"), xml.toString());
        return xml.toString();
    }

    @Test
    void shouldBeForOneGuest() throws Exception {
        try (Monitor monitor = Monitor.open();
                Debugger debugger = Debugger.onFault("0")) {
            GuestSpec hello = GuestSpec.of(HELLO).memory(16L << 20).debugger(debugger);
            assertTrue(Run.run(monitor, hello).outcome().isSuccess());
            GuestRun second = monitor.start(hello);
            CompletionException thrown =
                    assertThrows(CompletionException.class, () -> second.result().join());
            assertTrue(thrown.getCause() instanceof IllegalStateException, thrown.toString());
        }
    }

    @Test
    void shouldNotBeProfiled() {
        try (Debugger debugger = Debugger.atEntry("0")) {
            GuestSpec profiled = GuestSpec.of(HELLO).profile(Profiler.every(10));
            assertThrows(ConfigException.class, () -> profiled.debugger(debugger));
        }
    }
}
