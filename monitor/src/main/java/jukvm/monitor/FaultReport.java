package jukvm.monitor;

import jukvm.abi.PrivilegeLevel;
import jukvm.kvm.ExitReason;
import jukvm.kvm.KvmRun;
import jukvm.kvm.KvmVcpu;
import jukvm.memory.GuestMemory;
import jukvm.x86.TrapEmulator;

/** Makes the outcome of a guest that was stopped for what it did: where it was, and what it ran. */
final class FaultReport {
    private static final int MAX_CODE = 16;
    private static final int SUBERROR_EMULATION = 1;

    private final KvmVcpu vcpu;
    private final GuestMemory memory;
    private final PrivilegeLevel ring;

    FaultReport(KvmVcpu vcpu, GuestMemory memory, PrivilegeLevel ring) {
        this.vcpu = vcpu;
        this.memory = memory;
        this.ring = ring;
    }

    Outcome of(String reason, String message) {
        return with(reason, message, Registers.of(vcpu.getRegs()), "");
    }

    /** A fault before the first KVM_RUN, with which KVM may only learn of the registers. */
    Outcome beforeRun(String reason, String message) {
        return with(reason, message, Registers.of(vcpu.regs()), "");
    }

    /** A fault whose registers are those of the trap, not of the stub that told of it. */
    Outcome trap(TrapEmulator emulator, String message) {
        Registers registers =
                Registers.of(vcpu.getRegs())
                        .with("rip", emulator.rip())
                        .with("rsp", emulator.rsp())
                        .with("rflags", emulator.rflags());
        return with("TRAP", message, registers, "");
    }

    /** A store to a read-only slot, or an access outside all of them. */
    Outcome mmio(KvmRun exit) {
        long gpa = exit.mmioAddress();
        String access = exit.mmioIsWrite() ? "write to " : "read from ";
        String message =
                memory.contains(gpa, 1)
                        ? "host/guest translation fault: " + access + "read-only gpa=0x"
                        : "guest access outside its memory: " + access + "gpa=0x";
        return of(ExitReason.MMIO.name(), message + Long.toHexString(gpa));
    }

    Outcome internalError(KvmRun exit) {
        String message =
                "KVM: internal error exit: suberror=0x"
                        + Integer.toHexString(exit.internalSuberror());
        String remedy = "";
        if (exit.internalSuberror() == SUBERROR_EMULATION) {
            message = "KVM cannot emulate a guest instruction at ring " + ring;
            if (ring == PrivilegeLevel.RING_0) {
                remedy =
                        ". A KVM without hardware virtualisation emulates ring 0 instruction by"
                                + " instruction, and not all of them; use --ring 3";
            }
        }
        return with(
                ExitReason.INTERNAL_ERROR.name(), message, Registers.of(vcpu.getRegs()), remedy);
    }

    private Outcome with(String reason, String message, Registers registers, String remedy) {
        String code = code(registers.rip());
        String where = ", rip=0x" + Long.toHexString(registers.rip());
        String bytes = remedy.isEmpty() || code.isEmpty() ? "" : ", code bytes " + code;
        return new Outcome.Faulted(reason, message + where + bytes + remedy, registers, code);
    }

    private String code(long rip) {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < MAX_CODE && memory.isReadable(rip + i, 1); i++) {
            hex.append(i == 0 ? "" : " ").append(String.format("%02x", memory.u8(rip + i)));
        }
        return hex.toString();
    }
}
