package jukvm.hypercall;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jukvm.device.AttachedNet;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.LoopNet;
import jukvm.device.Notices;
import jukvm.device.WallClock;
import jukvm.error.GuestException;
import jukvm.io.Poller;
import jukvm.io.Requester;
import jukvm.memory.GuestMemory;
import jukvm.net.UdpSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PollTest {
    private static final long SIZE = 1 << 20;
    private static final long STRUCT = 0x1000;

    private final GuestMemory memory = GuestMemory.allocate(SIZE);
    private final Poller poller = new Poller();
    private final List<String> lines = new ArrayList<>();

    @AfterEach
    void close() {
        poller.close();
        memory.close();
    }

    private Poll poll(String dialect) {
        Devices devices = Devices.basic(Console.discard(), WallClock.host(), poller);
        return dialect.equals("hvt") ? Poll.hvt(devices) : Poll.ukvm(devices);
    }

    @ParameterizedTest
    @CsvSource({
        // What is left of 32 bytes of 0x5a: timeout, then in hvt the ready set, then ret.
        "hvt, 0, 0, 5a5a5a5a00000000",
        "ukvm, 0, 5a5a5a5a00000000, 5a5a5a5a5a5a5a5a",
    })
    void shouldWriteItsResultsAndNoMore(
            String dialect, String timeout, String second, String third) {
        for (int i = 0; i < 32; i += 8) {
            memory.putU64(STRUCT + i, 0x5a5a5a5a5a5a5a5aL);
        }
        memory.putU64(STRUCT, 0);
        assertTrue(poll(dialect).handle(memory, STRUCT));
        assertEquals(timeout, Long.toHexString(memory.u64(STRUCT)));
        assertEquals(second, Long.toHexString(memory.u64(STRUCT + 8)));
        assertEquals(third, Long.toHexString(memory.u64(STRUCT + 16)));
        assertEquals(0x5a5a5a5a5a5a5a5aL, memory.u64(STRUCT + 24));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hvt", "ukvm"})
    void shouldWaitForTheTimeout(String dialect) {
        long nanos = 20_000_000;
        memory.putU64(STRUCT, nanos);
        long start = System.nanoTime();
        assertTrue(poll(dialect).handle(memory, STRUCT));
        assertTrue(System.nanoTime() - start >= nanos);
    }

    @ParameterizedTest
    @CsvSource({"hvt, 9223372036854775807", "hvt, -9223372036854775808", "hvt, -1", "ukvm, -1"})
    void shouldWaitForEverUntilTheGuestIsStopped(String dialect, long timeout) throws Exception {
        memory.putU64(STRUCT, timeout);
        memory.putU32(STRUCT + (dialect.equals("hvt") ? 16 : 8), -1);
        Thread guest = new Thread(() -> poll(dialect).handle(memory, STRUCT));
        guest.setDaemon(true);
        guest.start();
        guest.join(50);
        assertTrue(guest.isAlive());
        poller.wake();
        guest.join(30_000);
        assertTrue(!guest.isAlive());
        assertEquals(0, memory.u32(STRUCT + (dialect.equals("hvt") ? 16 : 8)));
    }

    @ParameterizedTest
    @CsvSource({
        // The last place that holds the struct, and the first that does not.
        "hvt, 20",
        "ukvm, 12"
    })
    void shouldKnowWhereItsStructEnds(String dialect, int size) {
        assertTrue(poll(dialect).handle(memory, SIZE - size));
        GuestException e =
                assertThrows(
                        GuestException.class, () -> poll(dialect).handle(memory, SIZE - size + 1));
        assertEquals(
                "Invalid guest access: gpa=0x"
                        + Long.toHexString(SIZE - size + 1)
                        + ", sz="
                        + size
                        + ", memory=0x100000",
                e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(longs = {SIZE - 8, SIZE, 0xffffffffL, -1, -20, Long.MAX_VALUE, Long.MIN_VALUE})
    void shouldRefuseAStructOutsideMemory(long gpa) {
        assertThrows(GuestException.class, () -> poll("hvt").handle(memory, gpa));
        assertThrows(GuestException.class, () -> poll("ukvm").handle(memory, gpa));
    }

    @ParameterizedTest
    @CsvSource({
        // The read-only page begins at 0x3000 and at each of the fields written, or ends there.
        "hvt, 0x2ff8",
        "hvt, 0x2ff0",
        "hvt, 0x3000",
        "hvt, 0x3ff8",
        "hvt, 0x3ff0",
        "hvt, 0x3fec",
        "ukvm, 0x2ff8",
        "ukvm, 0x3000",
        "ukvm, 0x3ff8",
        "ukvm, 0x3ff4"
    })
    void shouldRefuseResultsInPagesTheGuestMayNotWrite(String dialect, long gpa) {
        // It refuses before it waits: for ever, if it did.
        memory.owned(gpa, 24).putLong(0, Long.MAX_VALUE).putLong(8, 11).putLong(16, 12);
        memory.protect(0x3000, 0x1000);
        GuestException e =
                assertThrows(GuestException.class, () -> poll(dialect).handle(memory, gpa));
        assertTrue(e.getMessage().endsWith("the guest may not write 0x3000..0x4000"));
        assertEquals(11, memory.u64(gpa + 8));
        assertEquals(12, memory.u64(gpa + 16));
    }

    @Test
    void shouldWriteResultsNextToPagesTheGuestMayNotWrite() {
        memory.protect(0x3000, 0x1000);
        assertTrue(poll("hvt").handle(memory, 0x3000 - 20));
        assertTrue(poll("hvt").handle(memory, 0x4000));
        assertTrue(poll("ukvm").handle(memory, 0x3000 - 12));
        assertTrue(poll("ukvm").handle(memory, 0x4000));
    }

    private Poll poll(String dialect, Map<Integer, LoopNet> loops) {
        Map<Integer, AttachedNet> nets = new HashMap<>();
        loops.forEach(
                (handle, loop) ->
                        nets.put(
                                handle,
                                new AttachedNet("net" + handle, loop, new Notices(lines::add))));
        Devices devices = new Devices(Console.discard(), WallClock.host(), poller, nets);
        return dialect.equals("hvt") ? Poll.hvt(devices) : Poll.ukvm(devices);
    }

    private void assertReady(Poll poll, long timeout, long readySet) {
        memory.putU64(STRUCT, timeout);
        memory.putU64(STRUCT + 8, 0x5a5a5a5a5a5a5a5aL);
        memory.putU64(STRUCT + 16, 0x5a5a5a5a5a5a5a5aL);
        assertTrue(poll.handle(memory, STRUCT));
        assertEquals(Long.toHexString(readySet), Long.toHexString(memory.u64(STRUCT + 8)));
        assertEquals(Long.bitCount(readySet), memory.u32(STRUCT + 16));
        assertEquals(0x5a5a5a5a, memory.u32(STRUCT + 20));
    }

    @Test
    void shouldTellWhichDevicesAreReadyByTheirHandles() {
        try (LoopNet one = new LoopNet();
                LoopNet two = new LoopNet();
                LoopNet last = new LoopNet()) {
            Poll poll = poll("hvt", Map.of(1, one, 2, two, 63, last));
            assertReady(poll, 0, 0);
            two.arrive(60);
            assertReady(poll, -1, 1L << 2);
            // For as long as it is so.
            assertReady(poll, -1, 1L << 2);
            assertReady(poll, 0, 1L << 2);
            last.arrive(60);
            one.arrive(60);
            assertReady(poll, Long.MAX_VALUE, 1L << 63 | 1L << 2 | 1L << 1);
            two.keep(0);
            assertReady(poll, 1_000_000_000_000L, 1L << 63 | 1L << 1);
            one.keep(0);
            last.keep(0);
            assertReady(poll, 1_000_000, 0);
        }
    }

    @Test
    void shouldCountTheOnlyDeviceOfUkvm() {
        try (LoopNet loop = new LoopNet()) {
            Poll poll = poll("ukvm", Map.of(1, loop));
            memory.putU64(STRUCT, 0);
            memory.putU64(STRUCT + 8, -1);
            assertTrue(poll.handle(memory, STRUCT));
            assertEquals(0xffffffff00000000L, memory.u64(STRUCT + 8));
            loop.arrive(60);
            memory.putU64(STRUCT, -1);
            memory.putU64(STRUCT + 8, -1);
            assertTrue(poll.handle(memory, STRUCT));
            assertEquals(0xffffffff00000001L, memory.u64(STRUCT + 8));
            assertEquals(-1, memory.u64(STRUCT));
        }
    }

    @Test
    void shouldEndTheWaitWhenAFrameArrives() throws Exception {
        try (LoopNet loop = new LoopNet()) {
            Poll poll = poll("hvt", Map.of(7, loop));
            memory.putU64(STRUCT, -1);
            Thread guest = new Thread(() -> poll.handle(memory, STRUCT));
            guest.setDaemon(true);
            guest.start();
            guest.join(50);
            assertTrue(guest.isAlive());
            loop.arrive(60);
            guest.join(30_000);
            assertTrue(!guest.isAlive());
            assertEquals(1 << 7, memory.u64(STRUCT + 8));
        }
    }

    @Test
    void shouldTellOfNoDeviceOnceTheGuestIsStopped() {
        try (LoopNet loop = new LoopNet()) {
            Poll poll = poll("hvt", Map.of(7, loop));
            loop.arrive(60);
            poller.wake();
            assertReady(poll, 0, 0);
            assertReady(poll, -1, 0);
        }
    }

    @Test
    void shouldNotWaitForADeviceThatIsGone() {
        try (LoopNet broken = new LoopNet();
                LoopNet loop = new LoopNet()) {
            AttachedNet gone = new AttachedNet("gone", broken, new Notices(lines::add));
            AttachedNet good = new AttachedNet("good", loop, new Notices(lines::add));
            Devices devices =
                    new Devices(
                            Console.discard(), WallClock.host(), poller, Map.of(1, gone, 2, good));
            Poll poll = Poll.hvt(devices);
            broken.arrive(60);
            assertReady(poll, 0, 1L << 1);
            broken.fail(new IOException("unplugged"));
            assertEquals(-1, gone.read(memory, 0x2000, 60));
            // It still rings, and would end every wait at once.
            assertReady(poll, 0, 0);
            loop.arrive(60);
            assertReady(poll, -1, 1L << 2);
            assertEquals(1, lines.size());
        }
    }

    @Test
    void shouldNotWaitForDevicesThatAreGoneOneAfterTheOther() {
        try (LoopNet first = new LoopNet();
                LoopNet second = new LoopNet();
                LoopNet loop = new LoopNet()) {
            AttachedNet one = new AttachedNet("one", first, new Notices(lines::add));
            AttachedNet two = new AttachedNet("two", second, new Notices(lines::add));
            AttachedNet good = new AttachedNet("good", loop, new Notices(lines::add));
            Devices devices =
                    new Devices(
                            Console.discard(),
                            WallClock.host(),
                            poller,
                            Map.of(1, one, 2, two, 3, good));
            Poll poll = Poll.hvt(devices);
            first.arrive(60);
            second.arrive(60);
            assertReady(poll, 0, 1L << 2 | 1L << 1);
            one.lose();
            assertReady(poll, 0, 1L << 2);
            two.lose();
            assertReady(poll, 0, 0);
            loop.arrive(60);
            assertReady(poll, -1, 1L << 3);
        }
    }

    @Test
    void shouldTellOnceOfADeviceThatFailsWhileItIsWaitedFor() throws Exception {
        InetAddress host = InetAddress.getLoopbackAddress();
        try (DatagramSocket deaf = new DatagramSocket(0, host);
                LoopNet loop = new LoopNet();
                LoopNet broken = new LoopNet()) {
            deaf.connect(host, deaf.getLocalPort()); // It hears nobody else, who is refused.
            int address = ByteBuffer.wrap(host.getAddress()).getInt();
            try (UdpSocket refused =
                    UdpSocket.connect(Requester.self(), address, deaf.getLocalPort())) {
                Poll poll = poll("hvt", Map.of(1, loop, 2, broken.readyBy(refused)));
                assertReady(poll, 0, 0);
                refused.send(ByteBuffer.allocate(1));
                loop.arrive(60);
                assertReady(poll, -1, 1L << 2 | 1L << 1);
                assertReady(poll, -1, 1L << 1);
                loop.keep(0);
                assertReady(poll, 1_000_000, 0);
                assertEquals(
                        List.of("device 'net2': has vanished; the guest goes on without it"),
                        lines);
            }
        }
    }

    @Test
    void shouldNotWaitForADeviceThatWasGoneBeforeTheFirstPoll() {
        try (LoopNet broken = new LoopNet()) {
            AttachedNet gone = new AttachedNet("gone", broken, new Notices(lines::add));
            gone.lose();
            broken.arrive(60);
            Devices devices =
                    new Devices(Console.discard(), WallClock.host(), poller, Map.of(1, gone));
            assertReady(Poll.hvt(devices), 0, 0);
        }
    }
}
