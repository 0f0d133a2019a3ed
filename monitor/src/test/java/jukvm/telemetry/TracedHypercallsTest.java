package jukvm.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jukvm.abi.Dialect;
import jukvm.call.Hypercall;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.WallClock;
import jukvm.error.GuestException;
import jukvm.guest.TracedCall;
import jukvm.hypercall.GuestHypercalls;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class TracedHypercallsTest {
    private static final int PUTS = 0x502;
    private static final int OLDEST_PUTS = 0x499;
    private static final int HALT = 0x508;
    private static final int STRUCT = 0x1000;
    private static final int TEXT = 0x1100;

    private final GuestMemory memory = GuestMemory.allocate(2 << 20);
    private final Poller poller = new Poller();
    private final List<TracedCall> traced = new ArrayList<>();
    private Console console = Console.discard();

    @AfterEach
    void close() {
        poller.close();
        memory.close();
    }

    private TracedHypercalls calls(Dialect dialect) {
        memory.owned(TEXT, 3).put(0, new byte[] {'h', 'i', '\n'});
        memory.putU64(STRUCT, TEXT);
        memory.putU64(STRUCT + 8, 3);
        Devices devices = Devices.basic(bytes -> console.write(bytes), WallClock.host(), poller);
        GuestHypercalls calls = dialect.hypercalls(devices);
        return new TracedHypercalls(calls, calls, traced::add);
    }

    private String line() {
        assertEquals(1, traced.size());
        TracedCall call = traced.get(0);
        assertTrue(call.startedAt() >= 0 && call.nanos() >= 0, call.toString());
        assertTrue(call.toString().matches(" *\\d+\\.\\d{6} .* <\\d+\\.\\d{6}>"), call.toString());
        traced.clear();
        return call.toString().replaceAll("^ *[0-9.]+ | <[0-9.]+>$", "");
    }

    @Test
    void shouldTellEachCallOnceItIsAnswered() {
        TracedHypercalls calls = calls(Dialect.HVT_2);
        assertTrue(calls.call(PUTS, memory, STRUCT));
        assertEquals(Optional.of(Hypercall.PUTS), traced.get(0).kind());
        assertEquals("puts(\"hi\\x0a\", len=3)", line());
        memory.putU64(STRUCT, 0);
        assertFalse(calls.call(HALT, memory, STRUCT));
        assertEquals("halt(status=3)", line());
    }

    @Test
    void shouldTellTheCallThatEndsTheGuest() {
        TracedHypercalls calls = calls(Dialect.HVT_2);
        assertThrows(GuestException.class, () -> calls.call(PUTS, memory, -8));
        assertTrue(line().startsWith("puts(0xfffffffffffffff8) = fault: "), "struct");
        memory.putU64(STRUCT, -1);
        assertThrows(GuestException.class, () -> calls.call(PUTS, memory, STRUCT));
        assertTrue(line().startsWith("puts(0xffffffffffffffff, len=3) = fault: "), "buffer");
        assertThrows(GuestException.class, () -> calls.call(0x509, memory, STRUCT));
        assertEquals(Optional.empty(), traced.get(0).kind());
        assertEquals("port 0x509(0x1000) = fault: Invalid guest hypercall: num=9", line());
    }

    @Test
    void shouldKnowTheDialectOfTheCallThatDecidesIt() {
        assertTrue(calls(Dialect.UKVM).call(OLDEST_PUTS, memory, STRUCT));
        assertEquals("puts(\"hi\\x0a\", len=3)", line());
    }

    @Test
    void shouldTellACallThatADeviceFailed() {
        console =
                bytes -> {
                    throw new IllegalStateException("full");
                };
        TracedHypercalls calls = calls(Dialect.HVT_2);
        assertThrows(
                IllegalStateException.class, () -> calls.call(PUTS, memory, STRUCT), "console");
        assertEquals("puts(\"hi\\x0a\", len=3) = ?", line());
    }
}
