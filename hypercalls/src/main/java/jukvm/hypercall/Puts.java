package jukvm.hypercall;

import java.nio.ByteBuffer;
import jukvm.device.Console;
import jukvm.memory.GuestMemory;

/** PUTS: writes guest bytes to the console. Source: hvt_abi.h, struct hvt_hc_puts. */
public final class Puts implements HypercallHandler {
    static final int DATA = 0; // u64, IN: GPA of the first byte
    static final int LEN = 8; // u64, IN: bytes

    // What a console is given at once; more comes in several writes.
    private static final long CHUNK = GuestMemory.MAX_BUFFER;

    private final Console console;
    private long bytes;
    private long firstAt;

    /** Prints to {@code console}. */
    public Puts(Console console) {
        this.console = console;
    }

    @Override
    public boolean handle(GuestMemory memory, long gpa) {
        long data = memory.u64(gpa + DATA);
        long left = memory.u64(gpa + LEN);
        memory.requireReadable(data, left);
        while (left > 0) {
            ByteBuffer chunk = memory.readable(data, Math.min(left, CHUNK));
            int length = chunk.remaining();
            console.write(chunk);
            if (firstAt == 0) {
                firstAt = System.nanoTime();
            }
            data += length;
            left -= length;
            bytes += length;
        }
        return true;
    }

    /** Returns how many bytes the guest has printed. */
    public long bytes() {
        return bytes;
    }

    /** Returns when its first bytes had been written, by {@link System#nanoTime}; 0 if not yet. */
    public long firstAt() {
        return firstAt;
    }
}
