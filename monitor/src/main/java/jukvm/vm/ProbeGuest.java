package jukvm.vm;

import java.util.List;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.image.GuestImage;
import jukvm.kvm.KvmVcpu;
import jukvm.kvm.Vcpu;
import jukvm.memory.GuestMemory;
import jukvm.process.ThreadClock;
import jukvm.x86.BootState;

/** A guest of a few instructions at ring 0, which tells what the host's KVM does with them. */
final class ProbeGuest implements AutoCloseable {
    /** Its memory, in bytes; its stack begins eight before the end. */
    static final long MEMORY = 2L << 20;

    /** Where its code is. */
    static final long ENTRY = GuestImage.LOWEST;

    private final GuestMemory memory = GuestMemory.allocate(MEMORY);
    private final KvmGuestVm vm;

    /**
     * Makes one that is about to begin.
     *
     * @throws jukvm.error.HostException if the host refuses
     */
    ProbeGuest(KvmVms vms, byte[] code) {
        VmKind kind = new VmKind(MEMORY, PrivilegeLevel.RING_0, List.of());
        try {
            vm = new KvmGuestVm(vms, kind, memory, ThreadClock.ofCurrentThread());
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
        memory.owned(ENTRY, code.length).put(0, code);
        BootState.layOutProbe(memory);
        BootState.setRegisters(vcpu(), Dialect.HVT_2, PrivilegeLevel.RING_0, ENTRY, MEMORY);
    }

    KvmVcpu vcpu() {
        return vm.vcpu();
    }

    /** Runs it until it leaves. */
    Vcpu.Return run() {
        Vcpu.Return back; // It is interrupted for a second at most before it throws.
        do {
            back = vcpu().run();
        } while (back == Vcpu.Return.INTERRUPTED);
        return back;
    }

    @Override
    public void close() {
        vm.close();
        memory.close();
    }
}
