package jukvm.x86;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.device.Notices;
import jukvm.host.Pollable;
import jukvm.io.Doorbell;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;

/**
 * A disk at handle 1 and an interface at handle 2 that hold their callers to the contract: blocks
 * of the device and frames that can be, in buffers that are the guest's.
 */
final class FuzzedDevices implements AutoCloseable {
    static final int BLOCK = 1;
    static final int NET = 2;

    private static final int BLOCK_SIZE = 512;
    private static final int CAPACITY = 128 * BLOCK_SIZE;
    private static final int MTU = 1500;
    private static final int MAX_FRAME = 1518;

    private final GuestMemory memory;
    private final Doorbell bell = Doorbell.open();
    private int requests;
    private long lines;

    FuzzedDevices(GuestMemory memory) {
        this.memory = memory;
        bell.ring();
    }

    Devices attach(Console console, Poller poller) {
        Notices notices = new Notices(line -> lines++);
        return new Devices(
                console,
                () -> 1L << 60,
                poller,
                Map.of(
                        BLOCK,
                        new AttachedBlock("storage", new Disk(), notices, poller),
                        NET,
                        new AttachedNet("service", new Net(), notices)));
    }

    /** Returns how many requests arrived. */
    int requests() {
        return requests;
    }

    // In guests of up to 1 GiB a buffer's index is the guest's address.
    private void check(ByteBuffer buffer, boolean isValid, boolean isWritten) {
        requests++;
        long gpa = buffer.position();
        boolean isInside =
                buffer.capacity() == memory.size() && memory.contains(gpa, buffer.remaining());
        if (!isValid || !isInside || !buffer.isDirect()) {
            throw new AssertionError("out of contract: " + buffer);
        }
        if (isWritten && !memory.isWritable(gpa, buffer.remaining())) {
            throw new AssertionError("not the guest's to write: " + buffer);
        }
    }

    private static void fill(ByteBuffer into) {
        while (into.hasRemaining()) {
            into.put((byte) 0xa5);
        }
    }

    private final class Disk implements BlockDevice {
        @Override
        public long capacity() {
            return CAPACITY;
        }

        @Override
        public int blockSize() {
            return BLOCK_SIZE;
        }

        @Override
        public void read(long offset, ByteBuffer into) throws IOException {
            check(into, isRequest(offset, into.remaining()), true);
            // The last block is broken.
            if (offset + into.remaining() == CAPACITY) {
                throw new IOException("broken");
            }
            fill(into);
        }

        @Override
        public void write(long offset, ByteBuffer from) {
            check(from, isRequest(offset, from.remaining()), false);
        }

        private boolean isRequest(long offset, int length) {
            return length > 0
                    && offset >= 0
                    && offset % BLOCK_SIZE == 0
                    && length % BLOCK_SIZE == 0
                    && offset <= CAPACITY - length;
        }
    }

    private final class Net implements NetDevice {
        @Override
        public MacAddress mac() {
            return new MacAddress(0x020000000001L);
        }

        @Override
        public int mtu() {
            return MTU;
        }

        @Override
        public Pollable readiness() {
            return bell;
        }

        @Override
        public boolean read(ByteBuffer into) {
            if (into.capacity() == MAX_FRAME) {
                requests++; // The monitor's own, of which the guest gets what it has room for.
            } else {
                check(into, into.remaining() > 0 && into.remaining() <= MAX_FRAME, true);
            }
            if (requests % 4 == 0) {
                return false;
            }
            into.limit(Math.min(into.limit(), into.position() + 60));
            fill(into);
            return true;
        }

        @Override
        public boolean write(ByteBuffer frame) throws IOException {
            int length = frame.remaining();
            check(frame, length >= HEADER_SIZE && length <= MAX_FRAME, false);
            if (frame.get(frame.position()) == (byte) 0xee) {
                throw new IOException("unplugged");
            }
            return requests % 4 != 0;
        }
    }

    @Override
    public void close() {
        bell.close();
    }
}
