package jukvm.device;

import java.nio.ByteBuffer;
import jukvm.memory.GuestMemory;

/** Where a device's buffer is, in guests of up to 1 GiB: its index is the guest's address. */
final class Buffers {
    private Buffers() {}

    static void requireReadable(GuestMemory memory, ByteBuffer buffer) {
        if (buffer.capacity() != memory.size()
                || !memory.contains(buffer.position(), buffer.remaining())) {
            throw new AssertionError("outside guest memory: " + buffer);
        }
    }

    static void requireWritable(GuestMemory memory, ByteBuffer buffer) {
        requireReadable(memory, buffer);
        if (!memory.isWritable(buffer.position(), buffer.remaining())) {
            throw new AssertionError("not the guest's to write: " + buffer);
        }
    }
}
