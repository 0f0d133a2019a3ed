package jukvm.hypercall;

import java.util.Optional;
import jukvm.call.TrapFrame;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * HALT: ends the guest. Source: hvt_abi.h, struct hvt_hc_halt.
 *
 * <p>A guest whose trap handler gave up passes a cookie: the address of the trap frame.
 */
public final class Halt implements HypercallHandler {
    static final int COOKIE = 0; // u64, IN: GPA of a trap frame, or 0
    static final int EXIT_STATUS = 8; // i32, IN

    /** Bytes that must be valid at a cookie: HVT_HALT_COOKIE_MAX. */
    static final int COOKIE_SIZE = 512;

    private int status;
    private @Nullable TrapFrame frame;

    @Override
    public boolean handle(GuestMemory memory, long gpa) {
        long cookie = memory.u64(gpa + COOKIE);
        status = memory.u32(gpa + EXIT_STATUS);
        if (cookie != 0) {
            memory.requireReadable(cookie, COOKIE_SIZE);
            frame = frame(memory, cookie);
        }
        return false;
    }

    /** Returns what the guest passed as its exit status; 0 if it did not halt by this call. */
    public int status() {
        return status;
    }

    static TrapFrame frame(GuestMemory memory, long gpa) {
        return new TrapFrame(
                memory.u64(gpa),
                memory.u64(gpa + 8),
                memory.u64(gpa + 16),
                memory.u64(gpa + 24),
                memory.u64(gpa + 32),
                memory.u64(gpa + 40),
                memory.u64(gpa + 48));
    }

    /** Returns the trap the guest gave up on, if it passed one. */
    public Optional<TrapFrame> frame() {
        return Optional.ofNullable(frame);
    }

    @Override
    public String arguments(GuestMemory memory, long gpa) {
        long cookie = memory.u64(gpa + COOKIE);
        String trap =
                cookie == 0
                        ? ""
                        : memory.isReadable(cookie, COOKIE_SIZE)
                                ? ", trap: " + frame(memory, cookie)
                                : ", cookie=0x" + Long.toHexString(cookie);
        return "status=" + memory.u32(gpa + EXIT_STATUS) + trap;
    }
}
