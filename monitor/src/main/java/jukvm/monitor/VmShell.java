package jukvm.monitor;

import java.util.List;
import jukvm.error.HostException;
import jukvm.image.Segment;
import jukvm.io.Doorbell;
import jukvm.kvm.Kvm;
import jukvm.kvm.KvmVcpu;
import jukvm.kvm.KvmVm;
import jukvm.memory.GuestMemory;

/** A VM with its vCPU, but no guest yet. Belongs to one thread. */
final class VmShell implements AutoCloseable {
    private final KvmVm vm;
    private final KvmVcpu vcpu;

    private VmShell(KvmVm vm, KvmVcpu vcpu) {
        this.vm = vm;
        this.vcpu = vcpu;
    }

    /**
     * Creates one.
     *
     * @throws HostException if the kernel refuses
     */
    static VmShell create(Kvm kvm) {
        KvmVm vm = kvm.createVm();
        try {
            return new VmShell(vm, vm.createVcpu());
        } catch (RuntimeException e) {
            vm.close();
            throw e;
        }
    }

    /**
     * Shows a guest its memory. At ring 0 what it may not write is in read-only slots; at ring 3
     * its page tables see to that.
     */
    void showMemory(GuestMemory memory, List<Segment> segments, int ring) {
        if (ring == 3) {
            vm.setMemory(0, memory, 0, memory.size(), false);
            return;
        }
        int slot = 0;
        long shown = 0;
        List<Segment> readOnly = segments.stream().filter(Segment::isReadOnly).toList();
        for (int i = 0; i < readOnly.size(); i++) {
            long start = readOnly.get(i).pageStart();
            long end = readOnly.get(i).pageEnd();
            while (i + 1 < readOnly.size() && readOnly.get(i + 1).pageStart() == end) {
                i++;
                end = readOnly.get(i).pageEnd();
            }
            vm.setMemory(slot++, memory, shown, start - shown, false);
            vm.setMemory(slot++, memory, start, end - start, true);
            shown = end;
        }
        vm.setMemory(slot, memory, shown, memory.size() - shown, false);
    }

    /** Makes a write of the guest to a port ring a doorbell without ending KVM_RUN. */
    void ringAt(int port, Doorbell bell) {
        vm.ringAt(port, bell);
    }

    KvmVcpu vcpu() {
        return vcpu;
    }

    @Override
    public void close() {
        vcpu.close();
        vm.close();
    }
}
