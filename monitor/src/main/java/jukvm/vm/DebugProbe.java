package jukvm.vm;

import jukvm.error.HostException;
import jukvm.kvm.DebugRegisters;
import jukvm.kvm.DebugRegisters.Kind;
import jukvm.kvm.DebugRegisters.Target;
import jukvm.kvm.ExitReason;
import jukvm.kvm.KvmRun;
import jukvm.kvm.Vcpu;
import jukvm.kvm.VcpuDebug;

/**
 * Finds out what of the debug registers a guest meets on the host's KVM, by one that writes to a
 * place that is watched, and comes to an instruction that is.
 */
final class DebugProbe {
    private static final byte[] CODE = {
        0x50, // push %rax
        (byte) 0xe7,
        0x10 // out %eax, $0x10
    };
    private static final Target PUSHED = new Target(Kind.WRITE, ProbeGuest.MEMORY - 16, 8);
    private static final Target OUT = new Target(Kind.EXECUTION, ProbeGuest.ENTRY + 1, 1);

    private DebugProbe() {}

    static DebugSupport run(KvmVms vms) {
        DebugRegisters registers = new DebugRegisters();
        boolean unused = registers.add(PUSHED) && registers.add(OUT);
        try (ProbeGuest guest = new ProbeGuest(vms, CODE);
                VcpuDebug debug = guest.vcpu().debug()) {
            debug.arm(false, registers);
            boolean data = meets(guest, registers, PUSHED);
            boolean isNext = data ? meets(guest, registers, OUT) : isAt(guest, registers, OUT);
            return new DebugSupport(isNext, data);
        } catch (HostException e) {
            return DebugSupport.NONE; // A kernel that does not know them refuses.
        }
    }

    private static boolean meets(ProbeGuest guest, DebugRegisters registers, Target target) {
        return guest.run() == Vcpu.Return.EXIT && isAt(guest, registers, target);
    }

    private static boolean isAt(ProbeGuest guest, DebugRegisters registers, Target target) {
        KvmRun exit = guest.vcpu().exit();
        return exit.exitReason() == ExitReason.DEBUG
                && target.equals(registers.met(exit.debugStatus()));
    }
}
