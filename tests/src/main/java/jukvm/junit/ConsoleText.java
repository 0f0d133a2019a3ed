package jukvm.junit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import jukvm.device.Console;

/**
 * A console that keeps the first MiB of what a guest prints, which is hostile, and counts the rest.
 *
 * <p>Thread-safe.
 */
final class ConsoleText implements Console {
    private static final int LIMIT = 1 << 20;

    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long printed;

    @Override
    public synchronized void write(ByteBuffer bytes) {
        printed += bytes.remaining();
        byte[] fitting = new byte[Math.min(bytes.remaining(), LIMIT - kept.size())];
        bytes.get(fitting);
        kept.writeBytes(fitting);
    }

    /** Returns how many bytes were printed. */
    synchronized long printed() {
        return printed;
    }

    /** Returns what was kept. */
    synchronized byte[] bytes() {
        return kept.toByteArray();
    }

    /** Returns what was kept, as UTF-8; what is not is replaced. */
    String text() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }
}
