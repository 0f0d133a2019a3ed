package jukvm.x86;

import jukvm.kvm.KvmRegs;
import jukvm.kvm.KvmRegs.Reg;
import jukvm.kvm.VcpuRegisters;

/**
 * The guest's general registers at a trap, by their number in instructions: got from the vCPU when
 * first asked for, given back when changed. RSP is the guest's own, which is in the trap frame.
 */
final class GuestRegisters implements Instruction.Registers {
    private static final Reg[] BY_NUMBER = {
        Reg.RAX, Reg.RCX, Reg.RDX, Reg.RBX, Reg.RSP, Reg.RBP, Reg.RSI, Reg.RDI,
        Reg.R8, Reg.R9, Reg.R10, Reg.R11, Reg.R12, Reg.R13, Reg.R14, Reg.R15
    };
    static final int RAX = 0;
    static final int RCX = 1;
    static final int RDX = 2;
    private static final int RSP = 4;

    private final VcpuRegisters vcpu;
    private final TrapFrame frame;
    private boolean fresh;

    GuestRegisters(VcpuRegisters vcpu, TrapFrame frame) {
        this.vcpu = vcpu;
        this.frame = frame;
    }

    /** Returns which register has a number in instructions, 0 to 15. */
    static Reg numbered(int number) {
        return BY_NUMBER[number];
    }

    /** Forgets what was got for an earlier trap. */
    void forget() {
        fresh = false;
    }

    @Override
    public long get(int number) {
        return number == RSP ? frame.rsp() : regs().get(BY_NUMBER[number]);
    }

    /** Returns the 64-bit value of EDX:EAX, as WRMSR takes it. */
    long edxEax() {
        return get(RDX) << 32 | get(RAX) & 0xffffffffL;
    }

    void set(int number, long value) {
        if (number == RSP) {
            frame.setRsp(value);
        } else {
            regs().put(BY_NUMBER[number], value);
            vcpu.setRegs();
        }
    }

    private KvmRegs regs() {
        if (!fresh) {
            vcpu.getRegs();
            fresh = true;
        }
        return vcpu.regs();
    }
}
