package jukvm.hypercall;

import java.nio.ByteBuffer;
import jukvm.device.Console;
import jukvm.device.Notices;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;

/** PUTS: writes guest bytes to the console. Source: hvt_abi.h, struct hvt_hc_puts. */
public final class Puts implements HypercallHandler {
    static final int DATA = 0; // u64, IN: GPA of the first byte
    static final int LEN = 8; // u64, IN: bytes

    private final Console console;
    private final Poller stop;
    private long bytes;
    private long cut;
    private long firstAt;

    /**
     * Prints to {@code console}.
     *
     * @param stop is woken when the guest is stopped, which ends a request that is under way
     */
    public Puts(Console console, Poller stop) {
        this.console = console;
        this.stop = stop;
    }

    @Override
    public boolean handle(GuestMemory memory, long gpa) {
        long data = memory.u64(gpa + DATA);
        long left = memory.u64(gpa + LEN);
        memory.requireReadable(data, left);
        while (left > 0) {
            ByteBuffer chunk = memory.readable(data, Math.min(left, Console.MAX_WRITE));
            int length = chunk.remaining();
            console.write(chunk);
            if (firstAt == 0) {
                firstAt = System.nanoTime();
            }
            data += length;
            left -= length;
            bytes += length;
            if (stop.isWoken()) {
                cut = left;
                return true;
            }
        }
        return true;
    }

    /** Tells the operator if a request was not printed whole, because the guest was stopped. */
    public void tellCut(Notices notices) {
        if (cut > 0) {
            notices.tell(
                    "console: the guest was stopped in a request, of which "
                            + cut
                            + " bytes were not printed");
        }
    }

    /** Returns how many bytes the guest has printed. */
    public long bytes() {
        return bytes;
    }

    /** Returns when its first bytes had been written, by {@link System#nanoTime}; 0 if not yet. */
    public long firstAt() {
        return firstAt;
    }

    @Override
    public String arguments(GuestMemory memory, long gpa) {
        long length = memory.u64(gpa + LEN);
        return Words.text(memory, memory.u64(gpa + DATA), length) + ", len=" + Words.number(length);
    }
}
