package jukvm.cli;

import java.io.OutputStream;
import java.nio.ByteBuffer;
import jukvm.io.StandardOutput;

/** Somebody else's standard error as a stream. What cannot be written is lost. */
final class OperatorStream extends OutputStream {
    private static final int CHUNK = 1024;

    private final StandardOutput to;
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);

    OperatorStream(StandardOutput to) {
        this.to = to;
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        for (int done = 0; done < length; done += chunk.limit()) {
            chunk.clear().put(bytes, offset + done, Math.min(CHUNK, length - done)).flip();
            to.write(chunk);
        }
    }
}
