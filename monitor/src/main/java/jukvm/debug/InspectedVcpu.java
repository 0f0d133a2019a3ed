package jukvm.debug;

import jukvm.abi.PrivilegeLevel;
import jukvm.kvm.KvmRun;
import jukvm.kvm.KvmVcpu;
import jukvm.kvm.Vcpu;
import jukvm.kvm.VcpuDebug;
import jukvm.memory.GuestMemory;

/**
 * A vCPU whose guest is looked at between two runs, and which otherwise is what it was. Belongs to
 * the vCPU's thread.
 */
abstract class InspectedVcpu implements Vcpu {
    final KvmVcpu vcpu;
    final VcpuDebug debug;
    final GuestState state;

    InspectedVcpu(KvmVcpu vcpu, GuestMemory memory, PrivilegeLevel privilege) {
        this.vcpu = vcpu;
        this.debug = vcpu.debug();
        this.state = new GuestState(vcpu, debug, memory, privilege);
    }

    @Override
    public final void attach() {
        vcpu.attach();
    }

    @Override
    public final void detach() {
        vcpu.detach();
    }

    @Override
    public final void kick() {
        vcpu.kick();
    }

    @Override
    public final KvmRun exit() {
        return vcpu.exit();
    }
}
