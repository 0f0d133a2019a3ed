package jukvm.tests.hostile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jukvm.error.HostException;
import jukvm.kvm.Kvm;
import jukvm.kvm.KvmVcpu;
import jukvm.kvm.KvmVm;
import jukvm.kvm.Msr;
import jukvm.kvm.VcpuSnapshot;
import jukvm.tests.support.RequiresKvm;
import org.junit.jupiter.api.Test;

/** A vCPU has what it is to have, or nobody has the vCPU, though KVM says nothing. */
@RequiresKvm
final class KeptRegisterIT {
    // Of AMD's hardware configuration KVM takes a few bits, passes over others, and lists none.
    private static final int HWCR = 0xc0010015;
    private static final long PASSED_OVER = 1 << 6;

    @Test
    void shouldRefuseAVcpuOneOfWhoseRegistersDoesNotHoldWhatItWasGiven() {
        try (Kvm kvm = Kvm.open();
                KvmVm vm = kvm.createVm();
                KvmVcpu vcpu = vm.createVcpu()) {
            try (VcpuSnapshot asIs = vcpu.save(true);
                    VcpuSnapshot bent = with(asIs, new Msr(HWCR, PASSED_OVER))) {
                assertTrue(vcpu.restore(asIs));
                HostException refused = assertThrows(HostException.class, () -> vcpu.restore(bent));
                assertEquals(
                        "KVM vCPU: KVM_SET_MSRS: register 0xc0010015 keeps something else",
                        refused.getMessage());
            }
        }
    }

    private static VcpuSnapshot with(VcpuSnapshot saved, Msr register) {
        return VcpuSnapshot.of(
                true,
                saved.regs(),
                saved.sregs(),
                saved.state(),
                List.of(register),
                saved.counter());
    }
}
