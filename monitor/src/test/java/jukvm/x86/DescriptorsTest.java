package jukvm.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import jukvm.abi.Dialect;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.WallClock;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptorsTest {
    private static final long GDT = 0x1000;
    private static final long TSS = 0x1040;
    private static final long IDT = 0x1200;
    private static final Set<Integer> WITH_ERROR = Set.of(8, 10, 11, 12, 13, 14, 17, 21, 29, 30);

    private GuestMemory memory;

    @BeforeEach
    void write() {
        memory = GuestMemory.allocate(2L << 20);
        write(Dialect.HVT_2);
    }

    private void write(Dialect dialect) {
        Devices devices = Devices.basic(Console.discard(), WallClock.host(), new Poller());
        Descriptors.writeRing3(memory, dialect.hypercalls(devices)::knows);
    }

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void shouldGiveTheGuestItsSelectorsAtLevel3AndTheStubsTheirsAtLevel0() {
        assertEquals(0, memory.u64(GDT));
        // access 0xfb: present, level 3, code, readable, accessed; flags 0xa: 64-bit, 4 KiB units
        assertEquals(0x00affb000000ffffL, memory.u64(GDT + Descriptors.CODE));
        // access 0xf3: present, level 3, data, writable, accessed; flags 0xc: 32-bit, 4 KiB units
        assertEquals(0x00cff3000000ffffL, memory.u64(GDT + Descriptors.DATA));
        assertEquals(0x00af9b000000ffffL, memory.u64(GDT + Descriptors.SUPERVISOR_CODE));
    }

    @Test
    void shouldPointToTheTaskStateWithItsStack() {
        long low = memory.u64(GDT + Descriptors.TASK);
        assertEquals(0x8b, low >>> 40 & 0xff); // present, busy 64-bit TSS
        assertEquals(TSS, low >>> 16 & 0xffffff | low >>> 32 & 0xff000000L);
        assertEquals(Descriptors.TSS_LIMIT, low & 0xffff);
        assertEquals(0, memory.u64(GDT + Descriptors.TASK + 8));
        assertEquals(Descriptors.TASK + 15, Descriptors.GDT_LIMIT_RING_3);
        assertEquals(0x2000, memory.u64(TSS + 4)); // RSP0
        assertEquals(0x2000, memory.u64(TSS + 36)); // IST1
        assertTrue(TSS + Descriptors.TSS_LIMIT < IDT);
    }

    // SDM volume 1, section 19.5.2: two bytes are read, every bit of the width must be clear.
    private boolean mayWrite(int port, int width) {
        int map = memory.u16(TSS + 102);
        int first = map + port / 8;
        if (first + 1 > Descriptors.TSS_LIMIT) {
            return false;
        }
        return (memory.u16(TSS + first) >>> port % 8 & (1 << width) - 1) == 0;
    }

    @ParameterizedTest
    @CsvSource({"HVT_2, 501 502 503 508", "UKVM_0_2, 499 509"})
    void shouldOpenHypercallPortsToWritesOfFourBytesAndNothingElse(Dialect dialect, String open) {
        write(dialect);
        Set<String> found = new TreeSet<>();
        for (int port = 0; port < 0x10000; port++) {
            if (mayWrite(port, 4)) {
                found.add(Integer.toHexString(port));
            }
        }
        assertEquals(new TreeSet<>(List.of(open.split(" "))), found);
        assertEquals(0xff, memory.u8(TSS + Descriptors.TSS_LIMIT)); // as the map has to end
    }

    @ParameterizedTest
    @ValueSource(
            ints = {0, 0x20, 0x60, 0xe0, 0xff, 0x3f8, 0x48f, 0x500, 0x507, 0x50c, 0x600, 65535})
    void shouldCloseOtherPortsToBytes(int port) {
        assertEquals(false, mayWrite(port, 1));
    }

    @Test
    void shouldLeadEveryVectorToItsOwnStub() {
        List<Long> stubs = new ArrayList<>();
        for (int vector = 0; vector < 32; vector++) {
            long low = memory.u64(IDT + vector * 16L);
            // present 64-bit interrupt gate on the stack IST1; int3 may be used at level 3
            assertEquals(vector == 3 ? 0xee01 : 0x8e01, low >>> 32 & 0xffff, "vector " + vector);
            assertEquals(Descriptors.SUPERVISOR_CODE, low >>> 16 & 0xffff);
            assertEquals(0, memory.u64(IDT + vector * 16L + 8));
            stubs.add(low & 0xffff | low >>> 32 & 0xffff0000L);
        }
        assertEquals(32 * 16 - 1, Descriptors.IDT_LIMIT);
        assertEquals(32, new TreeSet<>(stubs).size());
        for (int vector = 0; vector < 32; vector++) {
            assertStub(vector, stubs.get(vector));
        }
    }

    private void assertStub(int vector, long stub) {
        assertEquals(0xe7, memory.u8(stub)); // out %eax, $port
        assertEquals(0xe0 + vector, memory.u8(stub + 1));
        assertTrue(TrapEmulator.isTrapPort(memory.u8(stub + 1)));
        stub += 2;
        if (WITH_ERROR.contains(vector)) {
            assertEquals(0x08c48348, memory.u32(stub)); // add $8, %rsp
            stub += 4;
        }
        assertEquals(0xcf48, memory.u16(stub)); // iretq
        assertTrue(stub + 2 <= 0x2000 - 48, "below the trap stack");
    }

    @Test
    void shouldKnowVectorsWithErrorCode() {
        for (int vector = 0; vector < 32; vector++) {
            assertEquals(
                    WITH_ERROR.contains(vector), Descriptors.hasErrorCode(vector), "" + vector);
        }
    }

    @Test
    void shouldKnowTrapPorts() {
        assertEquals(false, TrapEmulator.isTrapPort(0xdf));
        assertEquals(true, TrapEmulator.isTrapPort(0xe0));
        assertEquals(true, TrapEmulator.isTrapPort(0xff));
        assertEquals(false, TrapEmulator.isTrapPort(0x100));
        assertEquals(false, TrapEmulator.isTrapPort(0x502));
    }
}
