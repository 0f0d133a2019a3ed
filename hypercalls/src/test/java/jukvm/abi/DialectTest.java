package jukvm.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import jukvm.call.Hypercall;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedDevice;
import jukvm.device.AttachedNet;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.WallClock;
import jukvm.hypercall.GuestHypercalls;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class DialectTest {
    private static GuestHypercalls table(Dialect dialect) {
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
        assertEquals(List.of(ports.split(" ", -1)), ports(table(dialect)));
    }

    private static List<String> ports(GuestHypercalls table) {
        return IntStream.range(-1, 0x10001)
                .filter(table::knows)
                .mapToObj(Integer::toHexString)
                .toList();
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
        GuestHypercalls table = table(dialect);
        try (GuestMemory memory = GuestMemory.allocate(4096)) {
            assertEquals(hypercall != Hypercall.HALT, table.call(port, memory, 0x100));
        }
        assertEquals(
                new TreeSet<>(List.of(hypercall)), new TreeSet<>(table.facts().calls().keySet()));
    }

    @ParameterizedTest
    @CsvSource({
        "UKVM_0_2, 502 503 504, 505 506 507",
        "UKVM_0_3, 504 505 506, 507 508 509",
        "UKVM, 504 505 506, 505 506 507 508",
        "HVT_1, 504 505, 506 507",
        "HVT_2, 504 505, 506 507",
    })
    void shouldAddOnlyThePortsOfDevicesThatThereAre(Dialect dialect, String block, String net) {
        try (AttachedDevices attached = new AttachedDevices()) {
            assertEquals(block, added(dialect, attached.devices.all(AttachedBlock.class)));
            assertEquals(net, added(dialect, attached.devices.all(AttachedNet.class)));
            Set<String> both = new TreeSet<>(List.of((block + " " + net).split(" ", -1)));
            assertEquals(
                    String.join(" ", both),
                    added(dialect, attached.devices.all(AttachedDevice.class)));
        }
    }

    /** Returns the ports that a guest has for its devices, beyond those of one without. */
    private static String added(Dialect dialect, Map<Integer, ? extends AttachedDevice> attached) {
        Devices devices = new Devices(Console.discard(), WallClock.host(), new Poller(), attached);
        List<String> known = ports(dialect.hypercalls(devices));
        List<String> basic = ports(table(dialect));
        assertTrue(known.containsAll(basic), known.toString());
        return known.stream()
                .filter(port -> !basic.contains(port))
                .collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource({
        "UKVM_0_2, 0x502, BLOCK_INFO",
        "UKVM_0_2, 0x503, BLOCK_WRITE",
        "UKVM_0_2, 0x504, BLOCK_READ",
        "UKVM_0_2, 0x505, NET_INFO",
        "UKVM_0_2, 0x506, NET_WRITE",
        "UKVM_0_2, 0x507, NET_READ",
        "UKVM_0_3, 0x504, BLOCK_INFO",
        "UKVM_0_3, 0x505, BLOCK_WRITE",
        "UKVM_0_3, 0x506, BLOCK_READ",
        "UKVM_0_3, 0x507, NET_INFO",
        "UKVM_0_3, 0x508, NET_WRITE",
        "UKVM_0_3, 0x509, NET_READ",
        "HVT_1, 0x504, BLOCK_WRITE",
        "HVT_1, 0x507, NET_READ",
        "HVT_2, 0x504, BLOCK_WRITE",
        "HVT_2, 0x505, BLOCK_READ",
        "HVT_2, 0x506, NET_WRITE",
        "HVT_2, 0x507, NET_READ"
    })
    void shouldReachTheDeviceByItsPort(Dialect dialect, int port, Hypercall hypercall) {
        boolean isHvt = dialect.isMarked();
        try (AttachedDevices attached = new AttachedDevices();
                GuestMemory memory = GuestMemory.allocate(0x10000)) {
            attached.within(memory);
            attached.loop.arrive(60);
            boolean isBlock = hypercall.name().startsWith("BLOCK");
            // handle, and then for hvt block: offset, data, len; ukvm block: sector, data, len.
            long at = 0x100;
            if (isHvt) {
                memory.putU64(at, isBlock ? 1 : 2);
                at += 8;
            }
            if (isBlock) {
                memory.putU64(at, isHvt ? 4096 : 1);
                at += 8;
            }
            memory.putU64(at, 0x2000);
            memory.putU64(at + 8, 4096);
            if (hypercall == Hypercall.NET_WRITE) {
                memory.putU64(at + 8, 61);
            }
            memory.putU32(at + 16, -2);
            GuestHypercalls table = dialect.hypercalls(attached.devices);
            assertTrue(table.call(port, memory, 0x100));
            assertEquals(Map.of(hypercall, 1L), table.facts().calls());
            switch (hypercall) {
                case BLOCK_INFO -> assertEquals(4096, memory.u64(0x100));
                case BLOCK_READ ->
                        assertEquals(attached.disk.original(4097), (byte) memory.u8(0x2001));
                case BLOCK_WRITE -> assertEquals(0, attached.disk.at(4097));
                case NET_INFO -> assertEquals(dialect == Dialect.UKVM_0_2 ? '0' : 2, memory.u8(at));
                case NET_READ -> assertEquals(60, memory.u64(at + 8));
                case NET_WRITE -> assertEquals(2, attached.loop.waiting());
                default -> throw new AssertionError(hypercall);
            }
            if (!hypercall.name().endsWith("INFO")) {
                assertEquals(0, memory.u32(at + 16));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ukvm-0.2, UKVM_0_2",
        "ukvm 0.2, UKVM_0_2",
        "ukvm-0.3, UKVM_0_3",
        "hvt-1, HVT_1",
        "hvt-2, HVT_2"
    })
    void shouldBeFoundByItsName(String name, Dialect dialect) {
        assertEquals(Optional.of(dialect), Dialect.named(name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "hvt", "hvt-3", "HVT-2", "ukvm-0.4", "ukvm 0.2 "})
    void shouldNotBeFoundByOtherNames(String name) {
        assertEquals(Optional.empty(), Dialect.named(name));
    }

    @ParameterizedTest
    @CsvSource({"1, HVT_1", "2, HVT_2", "0,", "3,", "-1,"})
    void shouldBeFoundByTheVersionOfAnAbiNote(int version, @Nullable Dialect dialect) {
        assertEquals(Optional.ofNullable(dialect), Dialect.ofHvtVersion(version));
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeLeftOpenOnlyBeforeTheFirstCallOfUkvm(Dialect dialect) {
        assertEquals(dialect, dialect.spokenBy(-1), "no call yet");
        boolean isOpen = dialect == Dialect.UKVM;
        assertEquals(isOpen ? Dialect.UKVM_0_2 : dialect, dialect.spokenBy(0x499));
        assertEquals(isOpen ? Dialect.UKVM_0_3 : dialect, dialect.spokenBy(0x502));
    }

    @ParameterizedTest
    @EnumSource
    void shouldGiveEachGuestATableOfItsOwn(Dialect dialect) {
        assertNotSame(table(dialect), table(dialect));
        assertNotSame(table(dialect).facts().halt(), table(dialect).facts().halt());
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
        assertEquals(maxCommandLine, dialect.maxCommandLine());
        assertEquals(maxMemory, dialect.maxMemory());
        assertEquals(marked, dialect.isMarked());
        assertEquals(ownsLowMemory, dialect.ownsLowMemory());
        assertEquals(endsByHlt, dialect.endsByHlt());
    }
}
