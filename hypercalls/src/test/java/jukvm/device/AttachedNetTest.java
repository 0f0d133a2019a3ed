package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jukvm.error.ConfigException;
import jukvm.error.GuestException;
import jukvm.error.HostException;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttachedNetTest {
    private static final long SIZE = 1 << 20;
    private static final long DATA = 0x2000;
    private static final int MAX_FRAME = 1518;

    private final GuestMemory memory = GuestMemory.allocate(SIZE);
    private final LoopNet loop = new LoopNet().within(memory);
    private final List<String> lines = new ArrayList<>();
    private final AttachedNet net = attach(loop);

    @AfterEach
    void close() {
        loop.close();
        memory.close();
    }

    private AttachedNet attach(NetDevice device) {
        return new AttachedNet("service", device, new Notices(lines::add));
    }

    private static AttachedNet.Counters counters(long... counts) {
        return new AttachedNet.Counters(
                counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6]);
    }

    private static AttachedNet.Counters none() {
        return counters(0, 0, 0, 0, 0, 0, 0);
    }

    @Test
    void shouldTellOfTheDevice() {
        assertEquals("service", net.name());
        assertEquals(LoopNet.MAC, net.mac());
        assertEquals(1500, net.mtu());
        assertSame(loop.readiness(), net.readiness());
        assertFalse(net.isGone());
        assertEquals(none(), net.counters());
    }

    @ParameterizedTest
    @ValueSource(ints = {68, 1500, 9000, 65535})
    void shouldTakeTheMtuOfAnyNetwork(int mtu) {
        try (LoopNet device = new LoopNet(LoopNet.MAC, mtu)) {
            AttachedNet attached = attach(device);
            assertEquals(mtu, attached.mtu());
            assertEquals(IoResult.OK, attached.write(memory, DATA, mtu + 18));
            assertEquals(IoResult.EINVAL, attached.write(memory, DATA, mtu + 19));
            assertEquals(mtu + 18, attached.read(memory, DATA, SIZE - DATA));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {67, 0, -1, Integer.MIN_VALUE, 65536})
    void shouldRefuseOtherMtus(int mtu) {
        try (LoopNet device = new LoopNet(LoopNet.MAC, mtu)) {
            ConfigException e = assertThrows(ConfigException.class, () -> attach(device));
            assertEquals("service: MTU of " + mtu + " bytes, need 68 to 65535", e.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource({"01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff", "03:00:00:00:00:00"})
    void shouldRefuseAddressesOfGroups(String mac) {
        try (LoopNet device = new LoopNet(MacAddress.parse(mac).orElseThrow(), 1500)) {
            ConfigException e = assertThrows(ConfigException.class, () -> attach(device));
            assertEquals("service: " + mac + " is a multicast address", e.getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 15, 60, 1514, MAX_FRAME})
    void shouldWriteAndReadFrames(int length) {
        for (int i = 0; i < length; i++) {
            memory.owned(DATA + i, 1).put(0, (byte) (i * 7));
        }
        assertEquals(IoResult.OK, net.write(memory, DATA, length));
        long into = 0x4000;
        memory.owned(into - 8, 8).putLong(0, -1);
        memory.owned(into + length, 8).putLong(0, -1);
        assertEquals(length, net.read(memory, into, SIZE - into));
        for (int i = 0; i < length; i++) {
            assertEquals((byte) (i * 7), (byte) memory.u8(into + i));
        }
        assertEquals(-1, memory.u64(into - 8));
        assertEquals(-1, memory.u64(into + length));
        assertEquals(counters(1, length, 0, 1, length, 0, 0), net.counters());
        assertEquals(0, net.read(memory, into, SIZE - into));
        assertEquals(counters(1, length, 0, 1, length, 0, 0), net.counters());
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                2,
                3,
                4,
                5,
                6,
                7,
                8,
                9,
                10,
                11,
                12,
                13,
                MAX_FRAME + 1,
                9000,
                SIZE - DATA
            })
    void shouldRefuseLengthsThatNoFrameHas(long length) {
        assertEquals(IoResult.EINVAL, net.write(memory, DATA, length));
        assertEquals(counters(0, 0, 0, 0, 0, 0, 1), net.counters());
        assertEquals(0, loop.requests());
        assertEquals(List.of(), lines);
    }

    @Test
    void shouldRefuseAFrameOfAllMemory() {
        try (GuestMemory all = GuestMemory.allocate(GuestMemory.MAX_SIZE)) {
            assertEquals(IoResult.EINVAL, net.write(all, 0, 1L << 32));
            assertEquals(IoResult.EINVAL, net.write(all, 0, 1L << 31));
        }
        assertEquals(0, loop.requests());
        assertEquals(2, net.counters().framesRefused());
    }

    @ParameterizedTest
    @CsvSource({
        "1048563, 14",
        "1048576, 14",
        "1048577, 0",
        "8192, 4294967296",
        "8192, -1",
        "8192, -9223372036854775808",
        "-1, 14",
        "-14, 14",
        "9223372036854775807, 14",
        "4294967295, 60"
    })
    void shouldEndTheGuestForBuffersOutsideMemory(long gpa, long length) {
        String message =
                "Invalid guest access: gpa=0x"
                        + Long.toHexString(gpa)
                        + ", sz="
                        + Long.toUnsignedString(length)
                        + ", memory=0x100000";
        loop.arrive(60);
        assertEquals(
                message,
                assertThrows(GuestException.class, () -> net.read(memory, gpa, length))
                        .getMessage());
        assertEquals(
                message,
                assertThrows(GuestException.class, () -> net.write(memory, gpa, length))
                        .getMessage());
        assertEquals(0, loop.requests());
        assertEquals(none(), net.counters());
    }

    @ParameterizedTest
    @CsvSource({
        "0x2fff, 2",
        "0x3000, 1514",
        "0x3fff, 1",
        // All of the buffer must be the guest's, though the frame would end before.
        "0x2000, 0x1001"
    })
    void shouldReadOnlyWhereTheGuestMayWrite(long gpa, long length) {
        memory.protect(0x3000, 0x1000);
        loop.arrive(60);
        GuestException e = assertThrows(GuestException.class, () -> net.read(memory, gpa, length));
        assertTrue(e.getMessage().endsWith(", the guest may not write 0x3000..0x4000"));
        assertEquals(0, loop.requests());
        assertEquals(1, loop.waiting());
        assertEquals(none(), net.counters());
        assertEquals(IoResult.OK, net.write(memory, 0x3000, 1514));
    }

    @Test
    void shouldReadNothingToAnywhereInMemory() {
        memory.protect(0x3000, 0x1000);
        loop.arrive(60);
        assertEquals(0, net.read(memory, 0x3800, 0));
        assertThrows(GuestException.class, () -> net.read(memory, SIZE + 1, 0));
        assertEquals(1, loop.waiting());
        assertEquals(none(), net.counters());
    }

    @ParameterizedTest
    @CsvSource({
        // Buffer, frame, read, whether bytes of it are lost.
        "1, 60, 1, 1",
        "59, 60, 59, 1",
        "60, 60, 60, 0",
        "61, 60, 60, 0",
        "1517, 1518, 1517, 1",
        "1518, 1518, 1518, 0",
        "4096, 1518, 1518, 0"
    })
    void shouldCutFramesToTheBuffer(int length, int frame, int read, int cut) {
        loop.arrive(frame);
        memory.owned(DATA + length, 8).putLong(0, -1);
        assertEquals(read, net.read(memory, DATA, length));
        assertEquals(read & 0xff, memory.u8(DATA + read - 1));
        assertEquals(-1, memory.u64(DATA + length));
        assertEquals(counters(1, read, cut, 0, 0, 0, 0), net.counters());
        assertEquals(0, loop.waiting());
    }

    @Test
    void shouldLoseNoFrameToABufferOfNothing() {
        loop.arrive(60);
        assertEquals(0, net.read(memory, DATA, 0));
        assertEquals(0, net.read(memory, SIZE, 0));
        assertEquals(none(), net.counters());
        assertEquals(1, loop.waiting());
        assertEquals(60, net.read(memory, DATA, 60));
    }

    @Test
    void shouldCountFramesThatTheNetworkDrops() {
        for (int i = 0; i < 6; i++) {
            assertEquals(IoResult.OK, net.write(memory, DATA, 60));
        }
        assertEquals(counters(0, 0, 0, 4, 240, 2, 0), net.counters());
        assertEquals(List.of(), lines);
    }

    static Stream<Exception> failures() {
        return Stream.of(
                new IOException("unplugged"),
                new HostException("tap0: read", "EBADFD (File descriptor in bad state)", 77, ""),
                new IOException());
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldGoOnWithoutADeviceThatFailsAWrite(Exception failure) {
        loop.fail(failure);
        assertEquals(IoResult.EUNSPEC, net.write(memory, DATA, 60));
        assertGone(failure.getMessage() == null ? failure.toString() : failure.getMessage());
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldGoOnWithoutADeviceThatFailsARead(Exception failure) {
        loop.fail(failure);
        assertEquals(-1, net.read(memory, DATA, 60));
        assertGone(failure.getMessage() == null ? failure.toString() : failure.getMessage());
    }

    @Test
    void shouldGoOnWithoutADeviceThatCannotBeWaitedFor() {
        net.lose();
        assertGone("has vanished");
    }

    private void assertGone(String fact) {
        assertTrue(net.isGone());
        // It stays so, whatever the device does now, and the operator hears of it once.
        int requests = loop.requests();
        loop.mend();
        loop.arrive(60);
        for (int i = 0; i < 3; i++) {
            assertEquals(-1, net.read(memory, DATA, 60));
            assertEquals(-1, net.read(memory, DATA, 0));
            assertEquals(IoResult.EUNSPEC, net.write(memory, DATA, 60));
            net.lose();
        }
        assertEquals(requests, loop.requests());
        assertEquals(
                List.of("device 'service': " + fact + "; the guest goes on without it"), lines);
        // What the guest may not ask it still may not.
        assertEquals(IoResult.EINVAL, net.write(memory, DATA, 13));
        assertThrows(GuestException.class, () -> net.read(memory, SIZE, 60));
        assertThrows(GuestException.class, () -> net.write(memory, SIZE, 60));
        assertEquals(counters(0, 0, 0, 0, 0, 0, 1), net.counters());
    }
}
