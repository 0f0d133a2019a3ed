package jukvm.x86;

import jukvm.error.GuestException;
import jukvm.hypercall.HypercallTable;
import jukvm.kvm.KvmSegment;
import jukvm.kvm.KvmSregs;
import jukvm.kvm.Msr;
import jukvm.kvm.VcpuRegisters;
import jukvm.memory.GuestMemory;
import org.jspecify.annotations.Nullable;

/**
 * Does for a ring-3 guest what it may not do itself: emulates its few privileged instructions, and
 * hands it the exceptions that are its own.
 *
 * <p>Belongs to the vCPU's thread. Nothing here is hot: a current guest traps half a dozen times in
 * its life.
 */
public final class TrapEmulator {
    private static final int DOUBLE_FAULT = 8;
    private static final int GENERAL_PROTECTION = 13;
    private static final int PAGE_FAULT = 14;
    private static final int PF_PRESENT = 1;
    private static final int PF_WRITE = 1 << 1;
    private static final int PF_EXECUTE = 1 << 4;
    private static final int PF_USER = 1 << 2;

    private static final long EFER_LME_LMA = 0x500;

    private static final int MSR_EFER = 0xc0000080;
    private static final int MSR_FS_BASE = 0xc0000100;
    private static final int MSR_GS_BASE = 0xc0000101;
    private static final int MSR_KERNEL_GS_BASE = 0xc0000102;
    static final int MSR_KVM_WALL_CLOCK = 0x11;
    static final int MSR_KVM_SYSTEM_TIME = 0x12;
    static final int MSR_KVM_WALL_CLOCK_NEW = 0x4b564d00;
    static final int MSR_KVM_SYSTEM_TIME_NEW = 0x4b564d01;

    /** How a trap ended. */
    public enum Result {
        /** The guest goes on. */
        RESUME,
        /** The guest executed HLT. */
        HLT,
        /** The guest has no handler for its exception, and none for a double fault. */
        TRIPLE_FAULT
    }

    private final VcpuRegisters vcpu;
    private final GuestMemory memory;
    private final TrapFrame frame;
    private final GuestRegisters registers;
    private final Instruction instruction;
    private final Reflector reflector;
    private InstructionControl.@Nullable Answers answers;
    private long kernelGsBase;
    private long traps;

    /** Emulates for the guest of this vCPU and memory. */
    public TrapEmulator(VcpuRegisters vcpu, GuestMemory memory) {
        this.vcpu = vcpu;
        this.memory = memory;
        this.frame = new TrapFrame(memory);
        this.registers = new GuestRegisters(vcpu, frame);
        this.instruction = new Instruction(memory, registers);
        this.reflector = new Reflector(memory, frame);
    }

    /**
     * Returns whether a write to this port is a trap stub's; no guest at ring 3 can write to it.
     */
    public static boolean isTrapPort(int port) {
        int vector = vector(port);
        return vector >= 0 && vector < Descriptors.VECTORS;
    }

    /** Returns the vector of the exception that the trap stub of a port tells of. */
    public static int vector(int port) {
        return port - Descriptors.FIRST_TRAP_PORT;
    }

    /**
     * Handles the exception that a trap stub tells of.
     *
     * @param port the stub's
     * @throws GuestException if the guest violates the rights of a page, or uses a port that is not
     *     a hypercall's
     */
    public Result trap(int port) {
        traps++;
        registers.forget();
        int vector = vector(port);
        if ((frame.cs() & 3) != 3) {
            // A trap returns to where it came from, and no guest is to get there at ring 0.
            throw new GuestException("guest reached supervisor code, exception " + vector);
        }
        if (vector == GENERAL_PROTECTION) {
            Instruction.Kind kind = instruction.decode(frame.rip());
            if (kind == Instruction.Kind.HLT) {
                return Result.HLT;
            }
            if (emulate(kind)) {
                return Result.RESUME;
            }
        }
        long error = Descriptors.hasErrorCode(vector) ? frame.error() : 0;
        if (vector == PAGE_FAULT) {
            error = ownPageFault(error);
        }
        if (reflector.reflect(vector, error) || reflector.reflect(DOUBLE_FAULT, 0)) {
            return Result.RESUME;
        }
        return Result.TRIPLE_FAULT;
    }

    /** Has clocks kept by somebody else than KVM. */
    public void keepClocksBy(InstructionControl.Answers keeper) {
        answers = keeper;
    }

    /** Returns whether an address is one that registers of the processor take. */
    public static boolean isCanonical(long address) {
        return Reflector.isCanonical(address);
    }

    /** Returns what another emulator needs to know to go on with this guest. */
    public EmulatorState state() {
        return reflector.state(kernelGsBase);
    }

    /** Goes on with the guest of another emulator. */
    public void resume(EmulatorState state) {
        kernelGsBase = state.kernelGsBase();
        reflector.resume(state);
    }

    /** Returns how many traps there were. */
    public long traps() {
        return traps;
    }

    /** Returns where the guest was when it trapped, for the report of a fault. */
    public long rip() {
        return frame.rip();
    }

    /** Returns the guest's stack pointer when it trapped, for the report of a fault. */
    public long rsp() {
        return frame.rsp();
    }

    /** Returns the guest's flags when it trapped, for the report of a fault. */
    public long rflags() {
        return frame.rflags();
    }

    // A fault on a page that is there violates its rights. Low memory is another matter: what a
    // guest at ring 0 finds unmapped or read-only there by its own tables stays its own fault.
    private long ownPageFault(long error) {
        if ((error & PF_PRESENT) == 0) {
            return error & ~PF_USER;
        }
        long address = vcpu.getSregs().cr2();
        if (Long.compareUnsigned(address, GuestLayout.IMAGE) >= 0) {
            String access =
                    (error & PF_EXECUTE) != 0
                            ? "execution of non-executable"
                            : (error & PF_WRITE) != 0 ? "write to read-only" : "access to";
            throw new GuestException(
                    "host/guest translation fault: "
                            + access
                            + " gpa=0x"
                            + Long.toHexString(address));
        }
        boolean isMonitors = !memory.isWritable(address & -GuestMemory.PAGE, GuestMemory.PAGE);
        return error & ~PF_USER & ~(isMonitors && address < GuestLayout.BOOT_INFO ? 1 : 0);
    }

    private boolean emulate(Instruction.Kind kind) {
        switch (kind) {
            case LGDT, LIDT -> loadTable(kind);
            case INVLPG -> instruction.operandAddress();
            case LTR -> reflector.setTask((int) registers.get(instruction.rm()) & 0xffff);
            case LLDT, MOV_TO_SS, XSETBV, NO_EFFECT -> {}
            case SWAPGS -> swapGs();
            case FAR_RETURN -> {
                return farReturn();
            }
            case INTERRUPT_RETURN -> {
                return interruptReturn();
            }
            case WRMSR -> {
                if (!writeMsr((int) registers.get(GuestRegisters.RCX), registers.edxEax())) {
                    return false;
                }
            }
            case RDMSR -> {
                if (!readMsr((int) registers.get(GuestRegisters.RCX))) {
                    return false;
                }
            }
            case READ_CONTROL -> {
                if (!readControl(instruction.reg())) {
                    return false;
                }
            }
            case WRITE_CONTROL -> {
                if (!writeControl(instruction.reg())) {
                    return false;
                }
            }
            case PORT ->
                    throw HypercallTable.refusal(instruction.portNumber(), instruction.portWidth());
            case HLT, OTHER -> {
                return false;
            }
        }
        frame.setRip(instruction.nextRip());
        return true;
    }

    private boolean farReturn() {
        long rsp = frame.rsp();
        long rip = memory.u64(rsp);
        if (!Reflector.isCanonical(rip)) {
            return false;
        }
        frame.setRip(rip);
        frame.setRsp(rsp + 16);
        return true;
    }

    private boolean interruptReturn() {
        long rsp = frame.rsp();
        long rip = memory.u64(rsp);
        long rflags = memory.u64(rsp + 16);
        long stack = memory.u64(rsp + 24);
        if (!Reflector.isCanonical(rip)) {
            return false;
        }
        frame.setRip(rip);
        frame.setRflags(userFlags(rflags));
        frame.setRsp(stack);
        return true;
    }

    /**
     * Returns flags as a guest at ring 3 can have them: IOPL, IF and the virtual-8086 flags are not
     * its to set, and bit 1 always is.
     */
    public static long userFlags(long rflags) {
        return (rflags & 0x254dd5) | 2;
    }

    private void loadTable(Instruction.Kind kind) {
        long operand = instruction.operandAddress();
        int limit = memory.u16(operand);
        long base = memory.u64(operand + 2);
        if (kind == Instruction.Kind.LGDT) {
            reflector.setGdt(base, limit);
        } else {
            reflector.setIdt(base, limit);
        }
    }

    private boolean writeMsr(int msr, long value) {
        switch (msr) {
            case MSR_FS_BASE -> {
                return Reflector.isCanonical(value) && setBase(vcpu.getSregs().fs(), value);
            }
            case MSR_GS_BASE -> {
                return Reflector.isCanonical(value) && setBase(vcpu.getSregs().gs(), value);
            }
            case MSR_KERNEL_GS_BASE -> {
                if (!Reflector.isCanonical(value)) {
                    return false;
                }
                kernelGsBase = value;
            }
            case MSR_EFER -> {}
            default -> {
                return mayTellTime(memory, new Msr(msr, value)) && keepClock(msr, value);
            }
        }
        return true;
    }

    /**
     * Returns whether a register is one by which KVM tells a guest the time, in its memory.
     *
     * @throws GuestException if the guest may not write the memory that it names
     */
    public static boolean mayTellTime(GuestMemory memory, Msr msr) {
        switch (msr.index()) {
            case MSR_KVM_WALL_CLOCK, MSR_KVM_WALL_CLOCK_NEW ->
                    memory.requireWritable(msr.value(), ParavirtualClock.WALL_CLOCK_SIZE);
            case MSR_KVM_SYSTEM_TIME, MSR_KVM_SYSTEM_TIME_NEW ->
                    memory.requireWritable(msr.value() & ~1L, ParavirtualClock.SYSTEM_TIME_SIZE);
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean keepClock(int msr, long value) {
        return answers == null ? vcpu.setMsr(msr, value) : answers.keepClock(msr, value);
    }

    private boolean setBase(KvmSegment segment, long base) {
        segment.putBase(base);
        vcpu.setSregs();
        return true;
    }

    private boolean readMsr(int msr) {
        long value;
        switch (msr) {
            case MSR_FS_BASE -> value = vcpu.getSregs().fs().base();
            case MSR_GS_BASE -> value = vcpu.getSregs().gs().base();
            case MSR_KERNEL_GS_BASE -> value = kernelGsBase;
            case MSR_EFER -> value = EFER_LME_LMA;
            default -> {
                return false;
            }
        }
        registers.set(GuestRegisters.RAX, value & 0xffffffffL);
        registers.set(GuestRegisters.RDX, value >>> 32);
        return true;
    }

    private void swapGs() {
        KvmSegment gs = vcpu.getSregs().gs();
        long base = gs.base();
        setBase(gs, kernelGsBase);
        kernelGsBase = base;
    }

    private boolean readControl(int number) {
        KvmSregs sregs = vcpu.getSregs();
        long value;
        switch (number) {
            case 0 -> value = sregs.cr0();
            case 2 -> value = sregs.cr2();
            case 3 -> value = sregs.cr3();
            case 4 -> value = sregs.cr4();
            case 8 -> value = 0;
            default -> {
                return false;
            }
        }
        registers.set(instruction.rm(), value);
        return true;
    }

    // Guests set bits of CR0 and CR4 that are set already; page tables of their own would undo W^X.
    private boolean writeControl(int number) {
        switch (number) {
            case 2 -> {
                vcpu.getSregs().putCr2(registers.get(instruction.rm()));
                vcpu.setSregs();
            }
            case 3 -> {
                if (registers.get(instruction.rm()) != GuestLayout.PML4) {
                    throw new GuestException(
                            "guest loads page tables of its own (mov to cr3), which it can do only"
                                    + " at ring 0");
                }
            }
            case 0, 4, 8 -> {}
            default -> {
                return false;
            }
        }
        return true;
    }
}
