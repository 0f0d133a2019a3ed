package jukvm.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.SplittableRandom;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.NetRing;
import jukvm.error.GuestException;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A hostile network ring. An input is a series of records: a byte, even for POKE (u16 offset in the
 * ring, u8 length, bytes), which the guest may do at any time, and odd for a pass of the monitor.
 */
class NetRingFuzzTest {
    private static final long RING = 2 << 20;
    private static final long SIZE = RING + NetRing.RESERVED;
    private static final int RING_SIZE = 0xc080;
    private static final int SUBMISSIONS = 128;
    private static final int SUBMISSION = 32;
    private static final long DATA = 0x100000;
    private static final long TEXT = 0x80000;

    @FuzzTest(maxDuration = "2m")
    void shouldServeOrEndTheGuest(byte @Nullable [] bytes) {
        if (bytes != null) {
            play(bytes);
        }
    }

    @Test
    void shouldReachTheDevicesAndNoMore() {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        System.out.println("NetRingFuzzTest seed " + seed);
        SplittableRandom random = new SplittableRandom(seed);
        int requests = 0;
        for (int i = 0; i < 300; i++) {
            requests += play(submissions(random));
        }
        assertTrue(requests > 100, requests + " requests, seed " + seed);
    }

    /** Returns records of submissions, most of which some device would take. */
    private static byte[] submissions(SplittableRandom random) {
        ByteBuffer records = ByteBuffer.allocate(4096).order(ByteOrder.LITTLE_ENDIAN);
        for (int tail = 1; tail <= 64; tail++) {
            boolean isOdd = random.nextInt(50) == 0;
            records.put((byte) 0).putShort((short) (SUBMISSIONS + (tail - 1) * SUBMISSION));
            records.put((byte) 24).putInt(isOdd ? random.nextInt() : 1 + random.nextInt(2));
            records.putInt(random.nextInt(8) == 0 ? random.nextInt(4) : FuzzedDevices.NET);
            records.putLong(isOdd ? random.nextLong(SIZE) : DATA + random.nextInt(4096));
            records.putInt(random.nextInt(2048)).putInt(tail);
            records.put((byte) 0).putShort((short) 0).put((byte) 4).putInt(tail);
            if (random.nextInt(4) == 0) {
                records.put((byte) 1);
            }
        }
        return records.put((byte) 1).flip().array();
    }

    private static int play(byte[] bytes) {
        try (GuestMemory memory = GuestMemory.allocate(SIZE);
                FuzzedDevices attached = new FuzzedDevices(memory);
                Poller poller = new Poller()) {
            NetRing ring = new NetRing(RING, () -> {});
            Devices devices = attached.attach(Console.discard(), poller).withRing(ring);
            memory.protect(TEXT, GuestMemory.PAGE);
            ring.writeTo(memory);
            try {
                play(ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN), memory, devices, ring);
            } catch (GuestException e) {
                assertTrue(
                        e.getMessage().startsWith("Invalid guest access: ")
                                || e.getMessage().startsWith("network ring: "),
                        e::getMessage);
            }
            return attached.requests();
        }
    }

    private static void play(
            ByteBuffer records, GuestMemory memory, Devices devices, NetRing ring) {
        NetRing.View view = ring.view(memory);
        ByteBuffer words = memory.owned(RING, RING_SIZE);
        int served = 0;
        while (records.remaining() >= 4) {
            if ((records.get() & 1) == 0) {
                int offset = (records.getShort() & 0xffff) % RING_SIZE;
                int length = Math.min(records.get() & 0xff, RING_SIZE - offset);
                byte[] poke = new byte[Math.min(length, records.remaining())];
                records.get(poke);
                words.put(offset, poke);
            } else {
                int tail = words.getInt(0);
                served += ring.pass(view, devices);
                assertEquals(tail, served);
                assertEquals(tail, words.getInt(64));
            }
        }
    }
}
