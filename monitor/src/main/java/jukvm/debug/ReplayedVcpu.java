package jukvm.debug;

import jukvm.kvm.KvmVcpu;
import jukvm.kvm.VcpuDebug;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.GuestMemory;
import jukvm.replay.RunReplayer;
import jukvm.vm.GuestVm;
import jukvm.x86.TrapEmulator;
import org.jspecify.annotations.Nullable;

/**
 * What of a replayed guest is known to who goes back in it. Belongs to the vCPU's thread.
 *
 * @param vm of the guest
 * @param debug of its vCPU
 * @param state as gdb sees it
 * @param stops where it stops
 * @param replayer what answers it
 * @param emulator what handles its traps, null at ring 0
 */
record ReplayedVcpu(
        GuestVm vm,
        VcpuDebug debug,
        GuestState state,
        GuestStops stops,
        RunReplayer replayer,
        @Nullable TrapEmulator emulator) {
    GuestMemory memory() {
        return vm.memory();
    }

    private KvmVcpu vcpu() {
        return (KvmVcpu) vm.vcpu();
    }

    VcpuSnapshot save() {
        return vm.save();
    }

    void restore(VcpuSnapshot saved) {
        debug.settle(); // What it left in the middle of is none of what it becomes.
        if (!vcpu().restore(saved)) {
            throw new IllegalStateException("the checkpoint is closed");
        }
        debug.settle();
    }
}
