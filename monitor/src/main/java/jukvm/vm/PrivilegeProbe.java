package jukvm.vm;

import jukvm.guest.Ring0Support;
import jukvm.kvm.ExitReason;
import jukvm.kvm.KvmRun;
import jukvm.kvm.Vcpu;

/**
 * Finds out whether the host's KVM runs ring 0 natively, by a guest of three instructions. A KVM
 * without hardware virtualisation emulates ring 0, slowly, and knows no SSE.
 */
final class PrivilegeProbe {
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
        try (ProbeGuest guest = new ProbeGuest(vms, CODE)) {
            return judge(guest.run(), guest.vcpu().exit());
        }
    }

    private static Ring0Support judge(Vcpu.Return back, KvmRun exit) {
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
