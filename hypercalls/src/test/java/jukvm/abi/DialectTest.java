package jukvm.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.IntStream;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.WallClock;
import jukvm.hypercall.Hypercall;
import jukvm.hypercall.Hypercalls;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class DialectTest {
    private static Hypercalls table(Dialect dialect) {
        return dialect.hypercalls(Devices.basic(Console.discard(), WallClock.host(), new Poller()));
    }

    @ParameterizedTest
    @CsvSource({
        "UKVM_0_2, 499 509",
        "UKVM_0_3, 501 502 503 50a",
        "UKVM, 499 501 502 503 509 50a",
        "HVT_1, 501 502 503 508",
        "HVT_2, 501 502 503 508",
    })
    void shouldKnowThePortsOfItsHeader(Dialect dialect, String ports) {
        Hypercalls table = table(dialect);
        List<String> known =
                IntStream.range(-1, 0x10001)
                        .filter(table::knows)
                        .mapToObj(Integer::toHexString)
                        .toList();
        assertEquals(List.of(ports.split(" ", -1)), known);
    }

    @ParameterizedTest
    @CsvSource({
        "UKVM_0_2, 0x499, PUTS",
        "UKVM_0_2, 0x509, POLL",
        "UKVM_0_3, 0x501, WALLTIME",
        "UKVM_0_3, 0x502, PUTS",
        "UKVM_0_3, 0x503, POLL",
        "UKVM_0_3, 0x50a, HALT",
        "UKVM, 0x499, PUTS",
        "UKVM, 0x501, WALLTIME",
        "UKVM, 0x502, PUTS",
        "UKVM, 0x50a, HALT",
        "HVT_1, 0x508, HALT",
        "HVT_2, 0x501, WALLTIME",
        "HVT_2, 0x502, PUTS",
        "HVT_2, 0x503, POLL",
        "HVT_2, 0x508, HALT"
    })
    void shouldAnswerAPortWithItsHypercall(Dialect dialect, int port, Hypercall hypercall) {
        Hypercalls table = table(dialect);
        try (GuestMemory memory = GuestMemory.allocate(4096)) {
            assertEquals(hypercall != Hypercall.HALT, table.call(port, memory, 0x100));
        }
        assertEquals(new TreeSet<>(List.of(hypercall)), new TreeSet<>(table.calls().keySet()));
    }

    @ParameterizedTest
    @EnumSource
    void shouldGiveEachGuestATableOfItsOwn(Dialect dialect) {
        assertNotSame(table(dialect), table(dialect));
        assertNotSame(table(dialect).halt(), table(dialect).halt());
    }

    @ParameterizedTest
    @CsvSource({
        "UKVM_0_2, ukvm 0.2, 57343, 1073741824, false, true, true",
        "UKVM_0_3, ukvm 0.3, 8191, 1073741824, false, true, false",
        "UKVM, ukvm 0.2 or 0.3, 8191, 1073741824, false, true, true",
        "HVT_1, hvt 1, 8191, 1073741824, true, false, false",
        "HVT_2, hvt 2, 8191, 4294967296, true, false, false"
    })
    void shouldHaveTheTraitsOfItsGeneration(
            Dialect dialect,
            String name,
            int maxCommandLine,
            long maxMemory,
            boolean marked,
            boolean ownsLowMemory,
            boolean endsByHlt) {
        assertEquals(name, dialect.toString());
        assertEquals(name, table(dialect).dialect());
        assertEquals(maxCommandLine, dialect.maxCommandLine());
        assertEquals(maxMemory, dialect.maxMemory());
        assertEquals(marked, dialect.isMarked());
        assertEquals(ownsLowMemory, dialect.ownsLowMemory());
        assertEquals(endsByHlt, table(dialect).endsByHlt());
    }
}
