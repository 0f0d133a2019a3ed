package jukvm.vm;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import jukvm.abi.PrivilegeLevel;
import jukvm.guest.Outcome;
import jukvm.guest.Registers;
import jukvm.kvm.ExitReason;
import jukvm.kvm.KvmRegs;
import jukvm.kvm.KvmRun;
import jukvm.memory.GuestMemory;
import jukvm.x86.TrapEmulator;

/** Makes the outcome of a guest that was stopped for what it did: where it was, and what it ran. */
public final class FaultReport {
    private static final int MAX_CODE = 16;
    private static final int SUBERROR_EMULATION = 1;

    private final Supplier<KvmRegs> registers;
    private final KvmRegs staged;
    private final GuestMemory memory;
    private final PrivilegeLevel privilege;

    /**
     * Makes one.
     *
     * @param registers gets the general registers from the vCPU
     * @param staged those that it was given last
     * @param privilege of the guest
     */
    FaultReport(
            Supplier<KvmRegs> registers,
            KvmRegs staged,
            GuestMemory memory,
            PrivilegeLevel privilege) {
        this.registers = registers;
        this.staged = staged;
        this.memory = memory;
        this.privilege = privilege;
    }

    /** A fault whose registers are those of the vCPU now. */
    public Outcome of(String reason, String message) {
        return with(reason, message, values(registers.get()), "");
    }

    /** A fault before the first KVM_RUN, with which KVM may only learn of the registers. */
    public Outcome beforeRun(String reason, String message) {
        return with(reason, message, values(staged), "");
    }

    /** A fault whose registers are those of the trap, not of the stub that told of it. */
    public Outcome trap(TrapEmulator emulator, String message) {
        Map<String, Long> atTrap = values(registers.get());
        atTrap.put("rip", emulator.rip());
        atTrap.put("rsp", emulator.rsp());
        atTrap.put("rflags", emulator.rflags());
        return with("TRAP", message, atTrap, "");
    }

    /** A store to a read-only slot, or an access outside all of them. */
    public Outcome mmio(KvmRun exit) {
        long gpa = exit.mmioAddress();
        String access = exit.mmioIsWrite() ? "write to " : "read from ";
        String message =
                memory.contains(gpa, 1)
                        ? "host/guest translation fault: " + access + "read-only gpa=0x"
                        : "guest access outside its memory: " + access + "gpa=0x";
        return of(ExitReason.MMIO.name(), message + Long.toHexString(gpa));
    }

    /** An exit by which KVM says that it can run the guest no further. */
    public Outcome internalError(KvmRun exit) {
        String message =
                "KVM: internal error exit: suberror=0x"
                        + Integer.toHexString(exit.internalSuberror());
        String remedy = "";
        if (exit.internalSuberror() == SUBERROR_EMULATION) {
            message = "KVM cannot emulate a guest instruction at ring " + privilege;
            if (privilege == PrivilegeLevel.RING_0) {
                remedy =
                        ". A KVM without hardware virtualisation emulates ring 0 instruction by"
                                + " instruction, and not all of them; use PrivilegeMode.RING_3";
            }
        }
        return with(ExitReason.INTERNAL_ERROR.name(), message, values(registers.get()), remedy);
    }

    private static Map<String, Long> values(KvmRegs regs) {
        Map<String, Long> values = new LinkedHashMap<>();
        for (KvmRegs.Reg reg : KvmRegs.Reg.values()) {
            values.put(reg.name().toLowerCase(Locale.ROOT), regs.get(reg));
        }
        return values;
    }

    private Outcome with(String reason, String message, Map<String, Long> values, String remedy) {
        Registers at = new Registers(values);
        String code = code(at.rip());
        String where = ", rip=0x" + Long.toHexString(at.rip());
        String bytes = remedy.isEmpty() || code.isEmpty() ? "" : ", code bytes " + code;
        return new Outcome.Faulted(reason, message + where + bytes + remedy, at, code, List.of());
    }

    private String code(long rip) {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < MAX_CODE && memory.isReadable(rip + i, 1); i++) {
            hex.append(i == 0 ? "" : " ").append(String.format("%02x", memory.u8(rip + i)));
        }
        return hex.toString();
    }
}
