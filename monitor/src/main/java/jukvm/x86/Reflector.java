package jukvm.x86;

import java.nio.ByteBuffer;
import jukvm.memory.GuestMemory;

/**
 * Hands an exception to the guest's own handler, as the processor would at ring 0: finds the gate
 * in the guest's IDT, pushes the frame on the guest's stack, or on the stack its TSS gives, and
 * makes the trap return to the handler. Source: SDM volume 3, section 6.14.
 *
 * <p>Tables, gates and stacks are the guest's, hence hostile.
 */
final class Reflector {
    private static final int GATE_SIZE = 16;
    private static final int TSS_IST = 36;
    private static final int TSS_DESCRIPTOR = 16;

    // Guest code may use this much below RSP without moving it. Source: System V ABI, red zone.
    private static final int RED_ZONE = 128;
    private static final long CLEARED_FLAGS = 1 << 8 | 1 << 9 | 1 << 14 | 1 << 16; // TF IF NT RF

    private final GuestMemory memory;
    private final TrapFrame frame;
    private long gdt;
    private long gdtLimit;
    private long idt;
    private long idtLimit; // 0, too small for any gate, until the guest loads a table
    private long tss;

    Reflector(GuestMemory memory, TrapFrame frame) {
        this.memory = memory;
        this.frame = frame;
    }

    EmulatorState state(long kernelGsBase) {
        return new EmulatorState(kernelGsBase, gdt, gdtLimit, idt, idtLimit, tss);
    }

    void resume(EmulatorState state) {
        gdt = state.gdt();
        gdtLimit = state.gdtLimit();
        idt = state.idt();
        idtLimit = state.idtLimit();
        tss = state.tss();
    }

    /** Notes the guest's LGDT. */
    void setGdt(long base, int limit) {
        gdt = base;
        gdtLimit = limit;
    }

    /** Notes the guest's LIDT. */
    void setIdt(long base, int limit) {
        idt = base;
        idtLimit = limit;
    }

    /** Notes the guest's LTR; an impossible selector leaves it without stacks of its own. */
    void setTask(int selector) {
        long at = gdt + (selector & 0xfff8);
        boolean inside = (selector & 0xfff8) + TSS_DESCRIPTOR - 1 <= gdtLimit;
        if (inside && memory.isReadable(at, TSS_DESCRIPTOR)) {
            long low = memory.u64(at);
            tss = low >>> 16 & 0xffffff | low >>> 32 & 0xff000000L | memory.u64(at + 8) << 32;
        }
    }

    /**
     * Makes the trap return to the guest's handler of a vector.
     *
     * @param error error code, for the vectors that have one
     * @return false if the guest has no usable handler or no stack for it
     */
    boolean reflect(int vector, long error) {
        long gate = idt + (long) vector * GATE_SIZE;
        boolean inside = (long) vector * GATE_SIZE + GATE_SIZE - 1 <= idtLimit;
        if (!inside || !memory.isReadable(gate, GATE_SIZE)) {
            return false;
        }
        long low = memory.u64(gate);
        int type = (int) (low >>> 40) & 0x9f; // all but the level, which is the guest's affair
        if (type != 0x8e && type != 0x8f) {
            return false;
        }
        long handler = low & 0xffff | low >>> 32 & 0xffff0000L | memory.u64(gate + 8) << 32;
        return isCanonical(handler) && push(vector, error, (int) (low >>> 32) & 7, handler);
    }

    /** Returns whether an address is one the processor can go to. Source: SDM volume 1, 3.3.7.1. */
    static boolean isCanonical(long address) {
        return address << 16 >> 16 == address;
    }

    private boolean push(int vector, long error, int ist, long handler) {
        boolean hasError = Descriptors.hasErrorCode(vector);
        int size = hasError ? 48 : 40;
        long top = ist == 0 ? frame.rsp() - RED_ZONE : stack(ist);
        long rsp = (top & -16L) - size;
        if (!memory.isWritable(rsp, size)) {
            return false;
        }
        ByteBuffer at = memory.owned(rsp, size);
        int start = hasError ? 8 : 0;
        if (hasError) {
            at.putLong(0, error);
        }
        at.putLong(start, frame.rip()).putLong(start + 8, frame.cs());
        at.putLong(start + 16, frame.rflags()).putLong(start + 24, frame.rsp());
        at.putLong(start + 32, frame.ss());
        frame.setRsp(rsp);
        frame.setRip(handler);
        frame.setRflags(frame.rflags() & ~CLEARED_FLAGS);
        return true;
    }

    // A stack that cannot be read is no stack: its address is one no push succeeds at.
    private long stack(int ist) {
        long at = tss + TSS_IST + (ist - 1) * 8L;
        return memory.isReadable(at, Long.BYTES) ? memory.u64(at) : 0;
    }
}
