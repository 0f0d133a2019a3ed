package jukvm.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import jukvm.device.AttachedNet;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.device.NetRing;
import jukvm.device.Notices;
import jukvm.device.SwitchPort;
import jukvm.device.VirtualSwitch;
import jukvm.device.WallClock;
import jukvm.guest.Outcome;
import jukvm.host.Pollable;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The test is the guest and its vCPU's thread: it submits frames, and kicks when it is asked to.
 */
final class NetRingServerTest {
    private static final long RING = 0x200000;
    private static final long FRAME = 0x10000;
    private static final int HANDLE = 3;
    private static final int WRITE = 1;
    private static final int SLOTS = 1024;
    private static final int LENGTH = NetDevice.HEADER_SIZE + Integer.BYTES;
    private static final int ENT_TAIL = 0;
    private static final int ENT_HEAD = 64;
    private static final int WANT_KICK = 72;
    private static final String HELPER = "jukvm-ring";
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(60);

    private final GuestMemory memory = GuestMemory.allocate(RING + NetRing.RESERVED);
    private final VirtualSwitch network = VirtualSwitch.open();
    private final Poller poller = new Poller();
    private final Wire wire = new Wire(network.connect(MacAddress.random()));
    private final NetRing ring = new NetRing(RING, () -> {});
    private final Devices devices =
            new Devices(
                            Console.discard(),
                            WallClock.host(),
                            poller,
                            Map.of(HANDLE, new AttachedNet("net", wire, new Notices(line -> {}))))
                    .withRing(ring);
    private final ConcurrentLinkedQueue<Outcome> ends = new ConcurrentLinkedQueue<>();
    private final NetRingServer server = new NetRingServer(ring, devices, ends::add);
    private int tail;

    /** Notes the numbers of frames, and on which thread the last one came. */
    private static final class Wire implements NetDevice {
        private final SwitchPort port;
        private final ConcurrentLinkedQueue<Integer> numbers = new ConcurrentLinkedQueue<>();
        private volatile String thread = "";
        private volatile @Nullable RuntimeException failure;

        Wire(SwitchPort port) {
            this.port = port;
        }

        @Override
        public MacAddress mac() {
            return port.mac();
        }

        @Override
        public int mtu() {
            return port.mtu();
        }

        @Override
        public Pollable readiness() {
            return port.readiness();
        }

        @Override
        public boolean read(ByteBuffer into) {
            return false;
        }

        @Override
        public boolean write(ByteBuffer frame) {
            thread = Thread.currentThread().getName();
            RuntimeException thrown = failure;
            if (thrown != null && isHelped()) {
                throw thrown;
            }
            return numbers.add(frame.getInt(frame.position() + NetDevice.HEADER_SIZE));
        }

        boolean isHelped() {
            return thread.equals(HELPER);
        }
    }

    NetRingServerTest() {
        ring.writeTo(memory);
    }

    @AfterEach
    void close() {
        poller.close();
        network.close();
        memory.close();
    }

    private int word(int offset) {
        return memory.owned(RING + offset, Integer.BYTES).getInt(0);
    }

    private void putTail(int value) {
        memory.owned(RING + ENT_TAIL, Integer.BYTES).putInt(0, value);
    }

    private void submit() {
        long data = FRAME + (tail & SLOTS - 1) * 32L;
        memory.putU32(data + NetDevice.HEADER_SIZE, tail);
        ByteBuffer slot = memory.owned(RING + 128 + (tail & SLOTS - 1) * 32L, 32);
        slot.putInt(0, WRITE).putInt(4, HANDLE).putLong(8, data).putInt(16, LENGTH);
        tail++;
        putTail(tail);
    }

    /** Submits a frame, and kicks if that is asked for; there is room for the next one then. */
    private void send() {
        submit();
        if (word(WANT_KICK) != 0) {
            server.kicked(memory);
        }
        long begun = System.nanoTime();
        while (tail - word(ENT_HEAD) == SLOTS && ends.isEmpty()) {
            assertTrue(System.nanoTime() - begun < PATIENCE, "the ring stays full");
        }
    }

    private void sendUntilHelped() {
        long begun = System.nanoTime();
        while (!wire.isHelped() && ends.isEmpty()) {
            assertTrue(System.nanoTime() - begun < PATIENCE, "nobody helps");
            send();
        }
    }

    private void assertAllSentInOrder() {
        assertEquals(IntStream.range(0, tail).boxed().toList(), List.copyOf(wire.numbers));
    }

    @Test
    void shouldServeAtAKick() {
        submit();
        submit();
        server.kicked(memory);
        assertAllSentInOrder();
        server.stop(memory);
    }

    @Test
    void shouldServeByAThreadOfItsOwnWhileKicksComeFast() {
        sendUntilHelped();
        for (int i = 0; i < 20_000; i++) {
            send();
        }
        server.stop(memory);
        assertAllSentInOrder();
        assertEquals(List.of(), List.copyOf(ends));
    }

    @Test
    void shouldAskForKicksAgainWhenTheThreadRests() throws InterruptedException {
        sendUntilHelped();
        long begun = System.nanoTime();
        while (word(WANT_KICK) == 0) {
            assertTrue(System.nanoTime() - begun < PATIENCE, "it looks for ever");
            Thread.sleep(1);
        }
        submit();
        server.kicked(memory);
        server.stop(memory);
        assertAllSentInOrder();
    }

    @Test
    void shouldSendWhatIsLeftAtTheEnd() {
        submit();
        server.stop(memory);
        assertAllSentInOrder();
    }

    @Test
    void shouldEndAGuestWhoseRingIsNotAsItMayBe() {
        putTail(SLOTS + 1);
        server.kicked(memory);
        Outcome end = ends.remove();
        assertEquals("RING", assertInstanceOf(Outcome.Faulted.class, end).reason());
        server.stop(memory);
        assertTrue(ends.isEmpty());
    }

    @Test
    void shouldEndOneWhoseRingIsNotAsItMayBeForTheThread() throws InterruptedException {
        sendUntilHelped();
        putTail(tail + SLOTS + 1);
        long begun = System.nanoTime();
        while (ends.isEmpty()) {
            assertTrue(System.nanoTime() - begun < PATIENCE, "nobody has seen it");
            if (word(WANT_KICK) != 0) {
                server.kicked(memory);
            }
        }
        assertEquals("RING", assertInstanceOf(Outcome.Faulted.class, ends.remove()).reason());
        server.stop(memory);
    }

    @Test
    void shouldThrowWhatADeviceThrewOnTheThread() {
        RuntimeException thrown = new IllegalStateException("of the device");
        wire.failure = thrown;
        sendUntilHelped();
        long begun = System.nanoTime();
        while (ends.isEmpty()) {
            assertTrue(System.nanoTime() - begun < PATIENCE, "the guest goes on");
        }
        assertInstanceOf(Outcome.Cancelled.class, ends.remove());
        assertSame(thrown, assertThrows(IllegalStateException.class, () -> server.stop(memory)));
    }
}
