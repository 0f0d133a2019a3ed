package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
