package jukvm.debug;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jukvm.abi.PrivilegeLevel;
import jukvm.memory.GuestMemory;
import jukvm.vm.DebugSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class GuestStopsTest {
    private static final GuestStops.Range DATA = new GuestStops.Range(0x1000, 4);

    private final GuestMemory memory = GuestMemory.allocate(2 << 20);
    private final GuestStops stops = new GuestStops(memory, new DebugSupport(true, true));

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void shouldLeaveMemoryAsItIsWhereTheProcessorFindsInstructions() {
        assertTrue(stops.add(0x2000, true));
        assertEquals(0, memory.u8(0x2000));
        assertTrue(stops.isBreakpoint(0x2000));
        assertEquals("hwbreak:;", stops.reason(0x2000));
        assertTrue(stops.add(0x2000, false));
        assertEquals(0xcc, memory.u8(0x2000));
        stops.remove(0x2000, true);
        assertTrue(stops.registers().isEmpty());
        assertTrue(stops.isBreakpoint(0x2000));
        stops.remove(0x2000, false);
        assertFalse(stops.isBreakpoint(0x2000));
        assertEquals(0, memory.u8(0x2000));
        assertFalse(stops.add(2 << 20, true));
    }

    @Test
    void shouldTakeMemoryWhereThereIsNoRoomInTheProcessor() {
        for (int i = 0; i < 5; i++) {
            assertTrue(stops.add(0x2000 + i, true));
        }
        assertEquals(0, memory.u8(0x2003));
        assertEquals(0xcc, memory.u8(0x2004));
        assertTrue(stops.watch(DATA));
        assertTrue(stops.areWatching());
        stops.clear();
        assertEquals(0, memory.u8(0x2004));
        assertFalse(stops.areWatching() || stops.isBreakpoint(0x2000));
    }

    @Test
    void shouldNotLookAfterEachInstructionWhereTheProcessorWatches() {
        assertTrue(stops.watch(DATA));
        assertFalse(stops.areWatching());
        assertNull(stops.changedUnseen());
        assertEquals("watch:1000;", stops.found(1));
        memory.putU32(0x1000, 1); // By the monitor.
        assertEquals(DATA, stops.changedUnseen());
        assertNull(stops.changedUnseen());
        assertNull(stops.found(2));
        stops.unwatch(DATA);
        assertTrue(stops.registers().isEmpty());
        assertTrue(stops.watch(new GuestStops.Range(0x1000, 64)));
        assertTrue(stops.areWatching());
    }

    @Test
    void shouldWatchReadsWhereTheProcessorDoes() {
        assertTrue(stops.seeReads() && stops.watchReads(DATA));
        assertFalse(stops.areWatching());
        assertEquals("awatch:1000;", stops.found(1));
        assertFalse(stops.watchReads(new GuestStops.Range(0x3000, 32)));
        assertFalse(stops.watchReads(new GuestStops.Range(2 << 20, 4)));
        stops.unwatchReads(DATA);
        assertNull(stops.found(1));
        GuestStops without = new GuestStops(memory);
        assertFalse(without.seeReads() || without.watchReads(DATA));
    }

    @Test
    void shouldTakeAnEmulatorsWordForItsOwnRingOnly() {
        DebugSupport emulated = new DebugSupport(true, false);
        assertEquals(emulated, emulated.at(PrivilegeLevel.RING_0));
        assertEquals(DebugSupport.NONE, emulated.at(PrivilegeLevel.RING_3));
        DebugSupport all = new DebugSupport(true, true);
        assertEquals(all, all.at(PrivilegeLevel.RING_3));
    }
}
