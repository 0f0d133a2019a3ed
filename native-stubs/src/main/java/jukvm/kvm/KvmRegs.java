package jukvm.kvm;

import java.nio.ByteBuffer;

/** linux/kvm.h (asm/kvm.h), struct kvm_regs, x86-64: the general registers of a vCPU. */
public final class KvmRegs {
    /** Of the struct, in bytes. */
    public static final int SIZE = 144;

    /** A general register, by its place in the struct. */
    public enum Reg {
        RAX(0),
        RBX(8),
        RCX(16),
        RDX(24),
        RSI(32),
        RDI(40),
        RSP(48),
        RBP(56),
        R8(64),
        R9(72),
        R10(80),
        R11(88),
        R12(96),
        R13(104),
        R14(112),
        R15(120),
        RIP(128),
        RFLAGS(136);

        final int offset;

        Reg(int offset) {
            this.offset = offset;
        }
    }

    private final ByteBuffer at;

    /** Makes a view of {@link #SIZE} bytes, in the processor's order. */
    public KvmRegs(ByteBuffer at) {
        this.at = at;
    }

    /** Returns the value of a register as last got from the vCPU or put here. */
    public long get(Reg reg) {
        return at.getLong(reg.offset);
    }

    /** Puts a value here, for the vCPU to take with {@link VcpuRegisters#setRegs}. */
    public KvmRegs put(Reg reg, long value) {
        at.putLong(reg.offset, value);
        return this;
    }

    /** Zeroes every register here. */
    public KvmRegs clear() {
        for (Reg reg : Reg.values()) {
            put(reg, 0);
        }
        return this;
    }
}
