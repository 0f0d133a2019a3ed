package jukvm.x86;

import java.nio.ByteBuffer;
import jukvm.memory.GuestMemory;

/**
 * What the processor pushed on the trap stack for the exception being handled. Source: SDM volume
 * 3, section 6.14.2.
 *
 * <pre>
 * error code @-48 (some vectors)   RIP @-40   CS @-32   RFLAGS @-24   RSP @-16   SS @-8
 * </pre>
 *
 * <p>The gates name the stack (IST1), so the frame is always in the same place, whatever ran
 * before. What is put here is what the stub returns to.
 */
final class TrapFrame {
    private static final int SIZE = 48;
    private static final int ERROR = SIZE - 48;
    private static final int RIP = SIZE - 40;
    private static final int CS = SIZE - 32;
    private static final int RFLAGS = SIZE - 24;
    private static final int RSP = SIZE - 16;
    private static final int SS = SIZE - 8;

    // The page is the monitor's own: what the guest may read does not matter here.
    private final ByteBuffer at;

    TrapFrame(GuestMemory memory) {
        this.at = memory.owned(Descriptors.TRAP_STACK_TOP - SIZE, SIZE);
    }

    long error() {
        return at.getLong(ERROR);
    }

    long rip() {
        return at.getLong(RIP);
    }

    long cs() {
        return at.getLong(CS);
    }

    long rflags() {
        return at.getLong(RFLAGS);
    }

    long rsp() {
        return at.getLong(RSP);
    }

    long ss() {
        return at.getLong(SS);
    }

    void setRip(long rip) {
        at.putLong(RIP, rip);
    }

    void setRflags(long rflags) {
        at.putLong(RFLAGS, rflags);
    }

    void setRsp(long rsp) {
        at.putLong(RSP, rsp);
    }
}
