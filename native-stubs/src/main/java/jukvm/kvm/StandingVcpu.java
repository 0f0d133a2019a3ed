package jukvm.kvm;

import jukvm.error.HostException;
import jukvm.libc.Fd;

/**
 * A vCPU that nobody runs, in a VM without memory. While the host has one that lacks KVM's
 * interrupt controller, as ours do, another comes and goes without that KVM patches the kernel's
 * code for it and interrupts all processors. Source: kvm_has_noapic_vcpu in Linux's arch/x86/kvm.
 */
public final class StandingVcpu implements AutoCloseable {
    private final KvmVm vm;
    private final Fd vcpu;

    /**
     * Creates it.
     *
     * @throws HostException if the kernel refuses
     */
    public StandingVcpu(Kvm kvm) {
        vm = kvm.createVm();
        try {
            vcpu = vm.createIdleVcpu();
        } catch (HostException e) {
            vm.close();
            throw e;
        }
    }

    @Override
    public void close() {
        vcpu.close();
        vm.close();
    }
}
