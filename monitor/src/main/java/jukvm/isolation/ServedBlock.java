package jukvm.isolation;

import java.io.IOException;
import java.nio.ByteBuffer;
import jukvm.device.BlockDevice;

/** A disk of the embedder's, asked for by a worker, which is hostile. */
record ServedBlock(AskedDevice asked, BlockDevice device) {
    /** Reads where a message asks for, to a buffer's position, which moves. */
    void read(long offset, int length, ByteBuffer into) throws IOException {
        int start = into.position();
        device.read(offset, into.slice(start, length));
        into.position(start + length);
    }

    /** Writes all that is left of a buffer. */
    void write(long offset, ByteBuffer from) throws IOException {
        if (asked.isReadOnly()) {
            throw new IOException("the device is read-only");
        }
        device.write(offset, from.slice());
    }

    /** Refuses what no guest's request can be. */
    void require(long offset, int length) {
        Message.within(length, 1, Message.MOST_BYTES);
        Message.within(offset, 0, asked.capacity() - length);
        Message.within((offset | length) & (asked.blockSize() - 1), 0, 0);
    }
}
