package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Of requests that are more than a device is given at once, whose guest is stopped meanwhile. */
class CutOffRequestTest {
    private static final long MIB = 1L << 20;
    private static final int PART = BlockDevice.MAX_TRANSFER;

    private final GuestMemory memory = GuestMemory.allocate(16 * MIB);
    private final Poller stop = new Poller();
    private final List<String> lines = new ArrayList<>();
    private final AttachedBlock block =
            new AttachedBlock("storage", new Stopping(), new Notices(lines::add), stop);
    private int requests;
    private int stopAt = Integer.MAX_VALUE;
    private int failAt = Integer.MAX_VALUE;

    @AfterEach
    void close() {
        memory.close();
    }

    /** A disk during whose requests the guest is stopped, or which fails. */
    private final class Stopping implements BlockDevice {
        @Override
        public long capacity() {
            return 64 * MIB;
        }

        @Override
        public int blockSize() {
            return 512;
        }

        @Override
        public void read(long offset, ByteBuffer into) throws IOException {
            request(into);
        }

        @Override
        public void write(long offset, ByteBuffer from) throws IOException {
            request(from);
        }

        private void request(ByteBuffer buffer) throws IOException {
            assertEquals(PART, buffer.remaining());
            requests++;
            if (requests == stopAt) {
                stop.wake();
            }
            if (requests == failAt) {
                throw new IOException("broken");
            }
        }
    }

    @Test
    void shouldReadNoMoreOnceTheGuestIsStopped() {
        stopAt = 3;
        assertEquals(IoResult.EUNSPEC, block.read(memory, 512, 0, 8 * MIB));
        assertEquals(3, requests);
        assertEquals(
                List.of(
                        "device 'storage': the guest was stopped in a request of 8388608 bytes at"
                                + " offset 512: 3145728 were read"),
                lines);
        assertEquals(new AttachedBlock.Counters(0, 0, 0, 0, 1, false), block.counters());
    }

    @Test
    void shouldWriteNoMoreOnceTheGuestIsStopped() {
        stopAt = 1;
        assertEquals(IoResult.EUNSPEC, block.write(memory, 0, 0, 2 * MIB));
        assertEquals(1, requests);
        assertEquals(
                List.of(
                        "device 'storage': the guest was stopped in a request of 2097152 bytes at"
                                + " offset 0: 1048576 were written"),
                lines);
        assertEquals(new AttachedBlock.Counters(0, 0, 0, 0, 1, false), block.counters());
    }

    @Test
    void shouldFinishWhatWasTheLastPart() {
        stopAt = 2;
        assertEquals(IoResult.OK, block.write(memory, 0, 0, 2 * MIB));
        assertEquals(2, requests);
        assertEquals(List.of(), lines);
        assertEquals(new AttachedBlock.Counters(0, 1, 0, 2 * MIB, 0, false), block.counters());
    }

    @Test
    void shouldSayHowMuchWasDoneBeforeAFailure() {
        failAt = 3;
        assertEquals(IoResult.EUNSPEC, block.write(memory, 0, 0, 4 * MIB));
        assertEquals(
                List.of(
                        "device 'storage': broken; 2097152 bytes of the request were written"
                                + " before"),
                lines);
    }
}
