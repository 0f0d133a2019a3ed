package jukvm.worker;

import java.io.IOException;
import java.nio.ByteBuffer;
import jukvm.device.BlockDevice;
import jukvm.isolation.AskedDevice;
import jukvm.isolation.Message;
import org.jspecify.annotations.Nullable;

/** A disk that is another process's, which flushes it, too. Belongs to the vCPU's thread. */
final class RemoteBlock implements BlockDevice {
    private final WorkerGuest guest;
    private final int index;
    private final AskedDevice asked;

    RemoteBlock(WorkerGuest guest, int index, AskedDevice asked) {
        this.guest = guest;
        this.index = index;
        this.asked = asked;
    }

    @Override
    public long capacity() {
        return asked.capacity();
    }

    @Override
    public int blockSize() {
        return asked.blockSize();
    }

    @Override
    public boolean isReadOnly() {
        return asked.isReadOnly();
    }

    @Override
    public void read(long offset, ByteBuffer into) throws IOException {
        for (long at = offset; into.hasRemaining(); ) {
            int length = Math.min(into.remaining(), Message.MOST_BYTES);
            long from = at;
            ByteBuffer answer =
                    answered(
                            guest.ask(
                                    Message.Kind.READ,
                                    to -> to.putInt(index).putLong(from).putInt(length)));
            into.put(answer.limit(answer.position() + length));
            at += length;
        }
    }

    @Override
    public void write(long offset, ByteBuffer from) throws IOException {
        for (long at = offset; from.hasRemaining(); ) {
            int length = Math.min(from.remaining(), Message.MOST_BYTES);
            long where = at;
            ByteBuffer part = from.slice(from.position(), length);
            answered(
                    guest.ask(Message.Kind.WRITE, to -> to.putInt(index).putLong(where).put(part)));
            from.position(from.position() + length);
            at += length;
        }
    }

    private static ByteBuffer answered(@Nullable ByteBuffer answer) throws IOException {
        if (answer == null) {
            throw new IOException("the guest is being stopped");
        }
        if (Message.constant(answer, Message.Kind.class) != Message.Kind.DONE) {
            throw new IOException(Message.text(answer, Message.LINE));
        }
        return answer;
    }
}
