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
public final class TrapFrame {
    private static final int SIZE = 48;
    private static final int ERROR = SIZE - 48;
    private static final int RIP = SIZE - 40;
    private static final int CS = SIZE - 32;
    private static final int RFLAGS = SIZE - 24;
    private static final int RSP = SIZE - 16;
    private static final int SS = SIZE - 8;

    // The page is the monitor's own: what the guest may read does not matter here.
    private final ByteBuffer at;

    /** Makes a view of the frame of the trap being handled. */
    public TrapFrame(GuestMemory memory) {
        this.at = memory.owned(Descriptors.TRAP_STACK_TOP - SIZE, SIZE);
    }

    long error() {
        return at.getLong(ERROR);
    }

    /** Returns where the guest was. */
    public long rip() {
        return at.getLong(RIP);
    }

    /** Returns its code segment selector. */
    public long cs() {
        return at.getLong(CS);
    }

    /** Returns its flags. */
    public long rflags() {
        return at.getLong(RFLAGS);
    }

    /** Returns its stack pointer. */
    public long rsp() {
        return at.getLong(RSP);
    }

    /** Returns its stack segment selector. */
    public long ss() {
        return at.getLong(SS);
    }

    /** Has the guest go on elsewhere. */
    public void setRip(long rip) {
        at.putLong(RIP, rip);
    }

    /** Has the guest go on with other flags. */
    public void setRflags(long rflags) {
        at.putLong(RFLAGS, rflags);
    }

    /** Has the guest go on with another stack pointer. */
    public void setRsp(long rsp) {
        at.putLong(RSP, rsp);
    }
}
