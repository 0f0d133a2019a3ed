package jukvm.x86;

import jukvm.error.GuestException;
import jukvm.hypercall.HypercallTable;
import jukvm.kvm.KvmRegs;
import jukvm.kvm.KvmRegs.Reg;
import jukvm.kvm.KvmVcpu;
import jukvm.kvm.Msr;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * Does for a guest what its {@link RewrittenCode} asks for. Belongs to the vCPU's thread.
 *
 * <p>Where KVM leaves the guest for an {@code out} differs: before it is over, or after.
 */
public final class InstructionControl {
    // CF is set, for a number that there is, and the five others are not. Source: SDM, RDRAND.
    private static final long CARRY = 1;
    private static final long STATUS = 0x8d5;

    /** Where answers come from: the host, or a recording of what it answered. */
    public interface Answers {
        /** Returns the time-stamp counter. */
        long timeStamp();

        /** Returns a random number. */
        long random();

        /**
         * Writes a clock to guest memory, as KVM does for one of its registers; false if the guest
         * is to have an exception instead.
         *
         * @param msr number of the register
         * @param value written to it: an address that the guest may write to, and flags
         */
        boolean keepClock(int msr, long value);
    }

    private final RewrittenCode code;
    private final CpuidTable cpuid;
    private final Answers answers;
    private final KvmVcpu vcpu;
    private final GuestMemory memory;

    /** Makes one for a guest of this vCPU and memory. */
    public InstructionControl(
            RewrittenCode code,
            CpuidTable cpuid,
            Answers answers,
            KvmVcpu vcpu,
            GuestMemory memory) {
        this.code = code;
        this.cpuid = cpuid;
        this.answers = answers;
        this.vcpu = vcpu;
        this.memory = memory;
    }

    /**
     * Does the instruction at which the guest left.
     *
     * @throws jukvm.error.GuestException if it is none that was rewritten
     */
    public void execute() {
        KvmRegs regs = vcpu.getRegs();
        RewrittenCode.Place place = place(regs.get(Reg.RIP));
        if (place == null) {
            throw HypercallTable.misuse(RewrittenCode.PORT, Integer.BYTES);
        }
        switch (place.kind()) {
            case RDTSC -> put(regs, answers.timeStamp());
            case RDTSCP -> put(regs, answers.timeStamp()).put(Reg.RCX, 0);
            case RANDOM -> random(regs, place);
            case CPUID -> identify(regs);
            case WRMSR -> {
                writeMsr(regs);
                return;
            }
        }
        vcpu.setRegs();
    }

    // Of two that follow each other at once, the second is asked of a vCPU that has left the first.
    private RewrittenCode.@Nullable Place place(long rip) {
        RewrittenCode.Place here = code.at(rip);
        RewrittenCode.Place before = code.before(rip);
        if (here == null || before == null) {
            return here == null ? before : here;
        }
        return vcpu.settledRip() == rip ? before : here;
    }

    private static KvmRegs put(KvmRegs regs, long value) {
        return regs.put(Reg.RAX, value & 0xffffffffL).put(Reg.RDX, value >>> 32);
    }

    private void random(KvmRegs regs, RewrittenCode.Place place) {
        Reg to = GuestRegisters.numbered(place.register());
        long value = answers.random();
        regs.put(
                to,
                switch (place.width()) {
                    case 2 -> regs.get(to) & ~0xffffL | value & 0xffff;
                    case 4 -> value & 0xffffffffL;
                    default -> value;
                });
        regs.put(Reg.RFLAGS, regs.get(Reg.RFLAGS) & ~STATUS | CARRY);
    }

    private void identify(KvmRegs regs) {
        int function = (int) regs.get(Reg.RAX);
        CpuidTable.Answer answer = cpuid.answer(function, (int) regs.get(Reg.RCX));
        regs.put(Reg.RAX, answer.eax() & 0xffffffffL).put(Reg.RBX, answer.ebx() & 0xffffffffL);
        regs.put(Reg.RCX, answer.ecx() & 0xffffffffL).put(Reg.RDX, answer.edx() & 0xffffffffL);
    }

    // At ring 0 alone. What KVM does not take is an exception there, which nobody here can raise.
    private void writeMsr(KvmRegs regs) {
        int msr = (int) regs.get(Reg.RCX);
        long value = regs.get(Reg.RDX) << 32 | regs.get(Reg.RAX) & 0xffffffffL;
        if (TrapEmulator.mayTellTime(memory, new Msr(msr, value))) {
            answers.keepClock(msr, value);
        } else if (!vcpu.setMsr(msr, value)) {
            throw new GuestException(
                    "guest writes to a register that KVM refuses, msr=0x"
                            + Integer.toHexString(msr));
        }
    }
}
