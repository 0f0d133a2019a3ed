package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.SplittableRandom;
import jukvm.error.GuestException;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The ring as a guest finds it, word by word. Source: Solo5's hvt_ring.h. */
class NetRingTest {
    private static final long RING = 0x200000;
    private static final long SIZE = RING + NetRing.RESERVED;
    private static final long DATA = 0x10000;
    private static final int HANDLE = 3;
    private static final int WRITE = 1;
    private static final int READ = 2;
    private static final int SLOTS = 1024;
    private static final int OK = 0;
    private static final int AGAIN = 1;
    private static final int EINVAL = 2;
    private static final int EUNSPEC = 3;

    private final GuestMemory memory = GuestMemory.allocate(SIZE);
    private final VirtualSwitch network = VirtualSwitch.open();
    private final SwitchPort port = network.connect(Frames.A);
    private final SwitchPort peer = network.connect(Frames.B);
    private final Poller poller = new Poller();
    private final AttachedNet net = new AttachedNet("service", port, new Notices(line -> {}));
    private final NetRing ring = new NetRing(RING, () -> {});
    private final Devices devices =
            new Devices(Console.discard(), WallClock.host(), poller, Map.of(HANDLE, net))
                    .withRing(ring);
    private final NetRing.View view = ring.view(memory);
    private int tail;
    private int served;

    NetRingTest() {
        ring.writeTo(memory);
    }

    @ParameterizedTest
    @CsvSource({
        "4, 170000, true",
        "4, 180000, true",
        "4, 180001, false", // A heap and a stack of 512 KiB are left.
        "2, 103000, false",
        "16, 380000, true",
        "16, e00000, false",
        "4096, 103000, true"
    })
    void shouldLieInTheLastTwoMebibytesIfTheGuestHasRoom(long mib, String imageEnd, boolean fits) {
        assertEquals(fits, NetRing.fits(mib << 20, Long.parseLong(imageEnd, 16)));
        assertEquals(mib - 2 << 20, NetRing.atEndOf(mib << 20, () -> {}).gpa());
    }

    @AfterEach
    void close() {
        poller.close();
        network.close();
        memory.close();
    }

    private int word(int offset) {
        return memory.u32(RING + offset);
    }

    private void putWord(int offset, int value) {
        memory.owned(RING + offset, Integer.BYTES).putInt(0, value);
    }

    /** Submits as a guest does. */
    private void submit(int op, int handle, long data, int length, int id) {
        ByteBuffer slot = memory.owned(RING + 128 + (tail & SLOTS - 1) * 32L, 32);
        slot.putInt(0, op).putInt(4, handle).putLong(8, data).putInt(16, length).putInt(20, id);
        tail++;
        putWord(0, tail);
    }

    /** Submits the smallest frame with a number, from a place of its own. */
    private void send(int number) {
        long data = DATA + (number & SLOTS - 1) * 32L;
        ByteBuffer frame = Frames.frame(Frames.B, Frames.A, number);
        int length = frame.remaining();
        memory.writable(data, length).put(frame);
        submit(WRITE, HANDLE, data, length, 0);
    }

    private int pass() {
        int count = ring.pass(view, devices);
        served += count;
        return count;
    }

    /** Checks a completion: its id, result and length. */
    private void assertCompletion(int index, int id, int result, int length) {
        ByteBuffer slot = memory.owned(RING + 32896 + (index & SLOTS - 1) * 16L, 16);
        assertEquals(id, slot.getInt(0));
        assertEquals(result, slot.getInt(4));
        assertEquals(length, slot.getInt(8));
    }

    @Test
    void shouldBeginEmptyAndWantAKick() {
        assertEquals(RING, ring.gpa());
        assertEquals(1, word(72));
        for (int offset : new int[] {0, 4, 64, 68}) {
            assertEquals(0, word(offset));
        }
        assertFalse(ring.hasWork(view));
        assertEquals(0, pass());
    }

    @Test
    void shouldSendFramesInTheirOrder() throws IOException {
        for (int i = 0; i < 200; i++) {
            send(i);
        }
        assertTrue(ring.hasWork(view));
        assertEquals(200, pass());
        assertFalse(ring.hasWork(view));
        for (int i = 0; i < 200; i++) {
            assertEquals(i, Frames.number(peer));
        }
        Frames.assertSilent(peer);
        assertEquals(200, word(64), "the head tells what was taken");
        assertEquals(0, word(68), "a write has no completion");
        assertEquals(200, ring.submissions());
        assertEquals(200, net.counters().framesWritten());
    }

    @Test
    void shouldGoRoundTheRing() throws IOException {
        ByteBuffer into = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
        int received = 0;
        for (int i = 0; i < 3 * SLOTS; i++) {
            send(i);
            if (i % 7 == 0) {
                pass();
                assertEquals(tail, word(64));
            }
            while (peer.read(into.clear())) {
                assertEquals(received++, into.getInt(14));
            }
        }
        pass();
        assertEquals(3 * SLOTS, served);
        assertTrue(received > 3 * SLOTS - 8);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 63, 64, 65, 1023, 1024})
    void shouldServeUpToARingsWorthAtOnce(int count) {
        for (int i = 0; i < count; i++) {
            submit(WRITE, HANDLE, DATA, 13, 0);
        }
        assertEquals(count, pass());
        assertEquals(count, word(64));
        assertEquals(count, net.counters().framesRefused());
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, -10, -1024, Integer.MAX_VALUE, Integer.MAX_VALUE - 100})
    void shouldGoOnWhenTheIndexesWrap(int start) throws IOException {
        NetRing old = new NetRing(RING, () -> {}, new NetRing.State(start, start));
        tail = start;
        for (int i = 0; i < 1024; i++) {
            submit(READ, HANDLE, DATA + 0x9000, 64, i);
        }
        assertTrue(old.hasWork(view));
        assertEquals(1024, old.pass(view, devices));
        assertFalse(old.hasWork(view));
        assertEquals(start + 1024, word(64));
        assertEquals(start + 1024, word(68));
        assertCompletion(start, 0, AGAIN, 0);
        assertCompletion(start + 1023, 1023, AGAIN, 0);
        send(1);
        putWord(0, tail + 1024);
        assertThrows(GuestException.class, () -> old.pass(view, devices));
        putWord(0, tail);
        assertEquals(1, old.pass(view, devices));
        assertEquals(1, Frames.number(peer));
    }

    @ParameterizedTest
    @CsvSource({"18, 64, 18", "18, 18, 18", "100, 60, 60"})
    void shouldReadAFrame(int frame, int room, int read) throws IOException {
        peer.write(Frames.frame(Frames.A, Frames.B, 77, frame));
        submit(READ, HANDLE, DATA, room, 0x12345678);
        assertEquals(1, pass());
        assertEquals(1, word(68));
        assertCompletion(0, 0x12345678, OK, read);
        assertEquals(77, memory.u32(DATA + 14));
        assertEquals(0, memory.u8(DATA + read));
    }

    @Test
    void shouldCompleteReadsInTheirOrder() throws IOException {
        peer.write(Frames.frame(Frames.A, Frames.B, 1, 20));
        peer.write(Frames.frame(Frames.A, Frames.B, 2, 30));
        for (int i = 0; i < 4; i++) {
            submit(READ, HANDLE, DATA + 64L * i, 64, 100 + i);
        }
        submit(READ, HANDLE, DATA, 0, 104);
        assertEquals(5, pass());
        assertEquals(5, word(68));
        assertCompletion(0, 100, OK, 20);
        assertCompletion(1, 101, OK, 30);
        assertCompletion(2, 102, AGAIN, 0);
        assertCompletion(3, 103, AGAIN, 0);
        assertCompletion(4, 104, AGAIN, 0);
        assertEquals(1, memory.u32(DATA + 14));
        assertEquals(2, memory.u32(DATA + 64 + 14));
    }

    @Test
    void shouldGoRoundTheCompletions() {
        for (int i = 0; i < SLOTS + 3; i++) {
            submit(READ, HANDLE, DATA, 64, i);
            pass();
        }
        assertEquals(SLOTS + 3, word(68));
        assertCompletion(SLOTS - 1, SLOTS - 1, AGAIN, 0);
        assertCompletion(SLOTS + 2, SLOTS + 2, AGAIN, 0);
        assertEquals(1, word(72), "what lies between is not overwritten");
    }

    @Test
    void shouldTellOfADeviceThatIsGone() {
        port.close();
        submit(READ, HANDLE, DATA, 64, 9);
        submit(WRITE, HANDLE, DATA, 64, 0);
        submit(READ, HANDLE, DATA, 64, 10);
        assertEquals(3, pass());
        assertCompletion(0, 9, EUNSPEC, 0);
        assertCompletion(1, 10, EUNSPEC, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2, 4, 63, 64, -1, Integer.MIN_VALUE})
    void shouldRefuseHandlesOfNothing(int handle) {
        submit(WRITE, handle, -1, -1, 0);
        submit(READ, handle, -1, -1, 5);
        assertEquals(2, pass());
        assertEquals(1, word(68));
        assertCompletion(0, 5, EINVAL, 0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 256 + WRITE, 65536 + READ, -1, Integer.MIN_VALUE})
    void shouldPassOverOperationsThatItDoesNotKnow(int op) throws IOException {
        submit(op, HANDLE, -1, -1, 5);
        send(1);
        assertEquals(2, pass());
        assertEquals(0, word(68));
        assertEquals(1, Frames.number(peer));
    }

    @ParameterizedTest
    @ValueSource(ints = {1025, -1, 1 << 26, 1 << 30, Integer.MIN_VALUE, Integer.MAX_VALUE})
    void shouldEndAGuestThatIsMoreThanARingAhead(int ahead) {
        for (int i = 0; i < 5; i++) {
            submit(0, 0, 0, 0, 0);
        }
        pass();
        putWord(0, 5 + ahead);
        for (int i = 0; i < 2; i++) {
            GuestException e = assertThrows(GuestException.class, this::pass);
            assertEquals(
                    "network ring: ent_tail is "
                            + Integer.toUnsignedString(ahead)
                            + " entries ahead, the ring has 1024",
                    e.getMessage());
        }
        assertEquals(5, word(64));
    }

    @Test
    void shouldGoByItsOwnIndexes() throws IOException {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < 500; i++) {
            for (int offset : new int[] {4, 64, 68, 72}) {
                putWord(offset, random.nextInt());
            }
            send(i);
            submit(READ, HANDLE, DATA, 64, i);
            assertEquals(2, pass());
            assertEquals(tail, word(64));
            assertEquals(i + 1, word(68));
            assertCompletion(i, i, AGAIN, 0);
            assertEquals(i, Frames.number(peer));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0x2000000, 60",
        "-1, 60",
        "0x3fffff, 2",
        "0x10000, -1",
        "0x200000, 60",
        "0x3fffc4, 60"
    })
    void shouldEndAGuestThatReadsToWhatIsNotIts(long data, int length) throws IOException {
        peer.write(Frames.frame(Frames.A, Frames.B, 1));
        send(5);
        submit(READ, HANDLE, data, length, 7);
        GuestException e = assertThrows(GuestException.class, this::pass);
        assertTrue(e.getMessage().startsWith("Invalid guest access: gpa=0x"), e.getMessage());
        assertEquals(5, Frames.number(peer), "what came before is sent");
        assertEquals(0, word(68));
        ByteBuffer into = ByteBuffer.allocateDirect(64).order(ByteOrder.LITTLE_ENDIAN);
        assertTrue(port.read(into), "and nothing is lost");
    }

    @Test
    void shouldAskForAKickOrNot() {
        ring.wantKick(view, false);
        assertEquals(0, word(72));
        ring.wantKick(view, true);
        assertEquals(1, word(72));
    }

    @Test
    void shouldTellItsServerOfEachKick() {
        int[] kicks = new int[1];
        NetRing told = new NetRing(RING, () -> kicks[0]++);
        told.kicked();
        told.kicked();
        assertEquals(2, kicks[0]);
    }

    // The indexes in memory are the guest's to overwrite: those of the state count.
    @ParameterizedTest
    @ValueSource(ints = {0, 77, -2})
    void shouldGoOnWhereAnotherWas(int start) {
        NetRing first = new NetRing(RING, () -> {}, new NetRing.State(start, start + 5));
        tail = start;
        submit(READ, HANDLE, DATA, 64, 1);
        submit(READ, HANDLE, DATA, 64, 2);
        NetRing.State state = first.drain(memory, devices);
        assertEquals(new NetRing.State(start + 2, start + 7), state);
        try (GuestMemory other = GuestMemory.allocate(SIZE)) {
            other.owned(RING, NetRing.SIZE).put(0, memory.owned(RING, NetRing.SIZE), 0, 128);
            other.owned(RING, NetRing.SIZE).putInt(64, -1).putInt(68, -1).putInt(72, 0);
            NetRing second = new NetRing(RING, () -> {}, state);
            second.writeTo(other);
            assertFalse(second.hasWork(second.view(other)));
            assertEquals(start + 2, other.u32(RING + 64));
            assertEquals(start + 7, other.u32(RING + 68));
            assertEquals(1, other.u32(RING + 72));
        }
    }

    // Whatever is in the ring, the monitor ends the guest or goes on, and writes what is its own.
    @Test
    void shouldTakeAnyBytesForARing() {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        System.out.println("NetRingTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < 2000; i++) {
            NetRing another = new NetRing(RING, () -> {});
            for (int slot = 0; slot < 16; slot++) {
                ByteBuffer at = memory.owned(RING + 128 + slot * 32L, 32);
                at.putInt(0, random.nextInt(4)).putInt(4, random.nextInt(2) * HANDLE);
                at.putLong(8, random.nextInt(8) == 0 ? random.nextLong() : DATA);
                at.putInt(16, random.nextInt(8) == 0 ? random.nextInt() : random.nextInt(64));
            }
            int count = random.nextInt(17);
            putWord(0, random.nextInt(20) == 0 ? random.nextInt() : count);
            try {
                int passed = another.pass(another.view(memory), devices);
                assertEquals(count, passed);
            } catch (GuestException e) {
                String message = e.getMessage();
                assertTrue(
                        message.startsWith("network ring: ")
                                || message.startsWith("Invalid guest access: "),
                        () -> "seed " + seed + ": " + message);
            }
            assertTrue(Integer.compareUnsigned(word(64), 16) <= 0);
        }
    }
}
