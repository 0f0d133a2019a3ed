package jukvm.vm;

import java.util.List;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.guest.Ring0Support;
import jukvm.image.GuestImage;
import jukvm.kvm.ExitReason;
import jukvm.kvm.KvmRun;
import jukvm.kvm.Vcpu;
import jukvm.memory.GuestMemory;
import jukvm.process.ThreadClock;
import jukvm.x86.BootState;

/**
 * Finds out whether the host's KVM runs ring 0 natively, by a guest of three instructions. A KVM
 * without hardware virtualisation emulates ring 0, slowly, and knows no SSE.
 */
final class PrivilegeProbe {
    private static final long MEMORY = 2L << 20;
    private static final long ENTRY = GuestImage.LOWEST;
    private static final int DONE_PORT = 0x10;
    private static final byte[] CODE = {
        0x0f,
        0x57,
        (byte) 0xc0, // xorps %xmm0, %xmm0
        0x0f,
        0x59,
        (byte) 0xc0, // mulps %xmm0, %xmm0
        (byte) 0xe7,
        DONE_PORT // out %eax, $0x10
    };

    private PrivilegeProbe() {}

    static Ring0Support run(KvmVms vms) {
        VmKind kind = new VmKind(MEMORY, PrivilegeLevel.RING_0, List.of());
        try (GuestMemory memory = GuestMemory.allocate(MEMORY);
                KvmGuestVm vm = new KvmGuestVm(vms, kind, memory, ThreadClock.ofCurrentThread())) {
            memory.owned(ENTRY, CODE.length).put(0, CODE);
            BootState.layOutProbe(memory);
            BootState.setRegisters(vm.vcpu(), Dialect.HVT_2, PrivilegeLevel.RING_0, ENTRY, MEMORY);
            return judge(vm.vcpu());
        }
    }

    private static Ring0Support judge(Vcpu vcpu) {
        Vcpu.Return back; // It is interrupted for a second at most before it throws.
        do {
            back = vcpu.run();
        } while (back == Vcpu.Return.INTERRUPTED);
        KvmRun exit = vcpu.exit();
        ExitReason reason = exit.exitReason();
        if (back == Vcpu.Return.EXIT && reason == ExitReason.IO && exit.ioPort() == DONE_PORT) {
            return new Ring0Support(true, "KVM runs SSE at ring 0 natively");
        }
        String seen =
                reason == ExitReason.INTERNAL_ERROR
                        ? "KVM emulates ring 0 and cannot execute SSE there (suberror "
                                + exit.internalSuberror()
                                + ")"
                        : "an SSE instruction at ring 0 ended with exit reason "
                                + exit.exitReasonNumber();
        return new Ring0Support(false, seen);
    }
}
