package jukvm.device;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * A console that keeps what is printed, up to a size. Thread-safe: it can be read while the guest
 * runs.
 */
public final class ConsoleCapture implements Console {
    private final int maxBytes;
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long dropped;

    ConsoleCapture(int maxBytes) {
        if (maxBytes < 0) {
            throw new IllegalArgumentException("maxBytes=" + maxBytes);
        }
        this.maxBytes = maxBytes;
    }

    @Override
    public synchronized void write(ByteBuffer bytes) {
        int room = Math.min(bytes.remaining(), maxBytes - kept.size());
        byte[] part = new byte[room];
        bytes.get(part);
        kept.write(part, 0, room);
        dropped += bytes.remaining();
    }

    /** Returns what was printed so far and kept; hostile. */
    public synchronized byte[] bytes() {
        return kept.toByteArray();
    }

    /** Returns what was printed so far and kept, as UTF-8; hostile. */
    public synchronized String text() {
        return kept.toString(StandardCharsets.UTF_8);
    }

    /** Returns how many bytes were printed and not kept. */
    public synchronized long dropped() {
        return dropped;
    }
}
