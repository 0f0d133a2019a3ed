package jukvm.x86;

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
    private static final long ERROR = Descriptors.TRAP_STACK_TOP - 48;
    private static final long RIP = Descriptors.TRAP_STACK_TOP - 40;
    private static final long CS = Descriptors.TRAP_STACK_TOP - 32;
    private static final long RFLAGS = Descriptors.TRAP_STACK_TOP - 24;
    private static final long RSP = Descriptors.TRAP_STACK_TOP - 16;
    private static final long SS = Descriptors.TRAP_STACK_TOP - 8;

    private final GuestMemory memory;

    TrapFrame(GuestMemory memory) {
        this.memory = memory;
    }

    long error() {
        return memory.u64(ERROR);
    }

    long rip() {
        return memory.u64(RIP);
    }

    long cs() {
        return memory.u64(CS);
    }

    long rflags() {
        return memory.u64(RFLAGS);
    }

    long rsp() {
        return memory.u64(RSP);
    }

    long ss() {
        return memory.u64(SS);
    }

    void setRip(long rip) {
        put(RIP, rip);
    }

    void setRflags(long rflags) {
        put(RFLAGS, rflags);
    }

    void setRsp(long rsp) {
        put(RSP, rsp);
    }

    private void put(long gpa, long value) {
        memory.owned(gpa, Long.BYTES).putLong(0, value);
    }
}
