package jukvm.abi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import jukvm.call.Hypercall;
import jukvm.device.AttachedNet;
import jukvm.device.Devices;
import jukvm.device.NetRing;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.Halt;
import jukvm.hypercall.NetRingKick;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest that is offered a network ring: it is told of it, and its kick and order hold. */
final class OfferedRingTest {
    private static final long RING = 0x200000;
    private static final int NET = 2;
    private static final long STRUCT = 0x1000;

    private final AttachedDevices attached = new AttachedDevices();
    private final GuestMemory memory = GuestMemory.allocate(RING + NetRing.RESERVED);
    private final AtomicInteger kicks = new AtomicInteger();
    private final NetRing ring = new NetRing(RING, kicks::incrementAndGet);
    private final Devices devices = attached.within(memory).devices.withRing(ring);

    @AfterEach
    void close() {
        attached.close();
        memory.close();
    }

    private static BootInfo told(Devices of) {
        return new BootInfo(RING, 0x110000, 1, "", Manifest.empty(), of);
    }

    // host_features u32 @40, guest_features u32 @44, net_ring u64 @48: hvt_abi.h.
    @Test
    void shouldBeToldOfItAndWhereItIs() {
        Dialect.HVT_2.writeBootInfo(memory, told(devices));
        assertEquals(1, memory.u64(BootInfo.GPA + 40));
        assertEquals(RING, memory.u64(BootInfo.GPA + 48));
        assertEquals(BootInfo.GPA + 56, memory.u64(BootInfo.GPA + 32));
        memory.clear();
        Dialect.HVT_2.writeBootInfo(memory, told(attached.devices));
        assertEquals(0, memory.u64(BootInfo.GPA + 40));
        assertEquals(0, memory.u64(BootInfo.GPA + 48));
    }

    @ParameterizedTest
    @EnumSource
    void shouldBeOfferedToThoseThatMayKnowIt(Dialect dialect) {
        assertEquals(dialect == Dialect.HVT_2, dialect.mayUseRing());
    }

    @Test
    void shouldTellWhoServesItOfAKick() {
        GuestHypercalls calls = Dialect.HVT_2.hypercalls(devices);
        assertEquals(Hypercall.RING_KICK, calls.kind(0x600));
        assertInstanceOf(NetRingKick.class, calls.handler(0x600));
        assertTrue(calls.call(0x600, memory, 0));
        assertEquals(1, kicks.get());
        assertEquals(Map.of(Hypercall.RING_KICK, 1L), calls.facts().calls());
        assertFalse(Dialect.HVT_2.hypercalls(attached.devices).knows(0x600));
    }

    @Test
    void shouldTellWhatAnswersAPort() {
        GuestHypercalls calls = Dialect.HVT_2.hypercalls(devices);
        assertSame(calls.facts().puts(), calls.handler(0x502));
        assertInstanceOf(Halt.class, calls.handler(0x508));
        assertNull(calls.handler(0x509));
        assertNull(calls.kind(0x509));
        GuestHypercalls either = Dialect.UKVM.hypercalls(attached.devices);
        assertSame(either.facts().puts(), either.handler(0x499));
        assertSame(either.facts().halt(), either.handler(0x50a));
        assertNull(either.handler(0x80));
        assertNull(either.kind(0x80));
    }

    // A frame too long for the ring comes by a hypercall, and those in the ring were before it.
    @Test
    void shouldSendWhatIsInTheRingBeforeWhatComesByACall() {
        GuestHypercalls calls = Dialect.HVT_2.hypercalls(devices);
        ring.writeTo(memory);
        for (int i = 0; i < 2; i++) {
            memory.putU64(0x2000, 0x41);
            submit(i, 0x2000, 60);
            memory.putU64(0x3000, 0x42);
            memory.putU64(STRUCT, NET);
            memory.putU64(STRUCT + 8, 0x3000);
            memory.putU64(STRUCT + 16, 100);
            assertTrue(calls.call(0x506, memory, STRUCT));
            assertEquals(0, memory.u32(STRUCT + 24));
            assertEquals(i + 1, ring.submissions());
            assertRead(60, 0x41);
            assertRead(100, 0x42);
        }
        submit(2, 0x2000, 60);
        memory.putU64(STRUCT + 16, 1518);
        assertTrue(calls.call(0x507, memory, STRUCT));
        assertEquals(2, ring.submissions(), "what is read needs no order");
    }

    // As a guest does: op u32 @0, handle u32 @4, data u64 @8, len u32 @16, from 128; the tail @0.
    private void submit(int index, long data, int length) {
        memory.owned(RING + 128 + index * 32L, 32)
                .putInt(0, 1)
                .putInt(4, NET)
                .putLong(8, data)
                .putInt(16, length);
        memory.owned(RING, 4).putInt(0, index + 1);
    }

    private void assertRead(int length, int first) {
        AttachedNet net = Objects.requireNonNull(devices.find(AttachedNet.class, NET));
        assertEquals(length, net.read(memory, 0x4000, 1518));
        assertEquals(first, memory.u8(0x4000));
    }
}
