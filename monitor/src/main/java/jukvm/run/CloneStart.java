package jukvm.run;

import jukvm.device.Devices;
import jukvm.device.NetRing;
import jukvm.kvm.KvmVcpu;
import jukvm.memory.ChargedMemory;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import jukvm.memory.RandomBytes;
import jukvm.vm.GuestStart;
import jukvm.vm.GuestVm;
import jukvm.vm.PageTableKey;
import jukvm.vm.ResumePoint;
import jukvm.vm.SnapshotState;
import jukvm.vm.TemplateKey;
import jukvm.x86.BootState;
import org.jspecify.annotations.Nullable;

/** A guest that goes on from a snapshot. */
final class CloneStart implements GuestStart {
    private final RunRequest request;
    private final SnapshotState snapshot;
    private final Devices devices;
    private final TemplateKey key;

    CloneStart(RunRequest request, SnapshotState snapshot, Devices devices) {
        this.request = request;
        this.snapshot = snapshot;
        this.devices = devices;
        this.key = request.templateKey(snapshot, devices);
    }

    @Override
    public TemplateKey key() {
        return key;
    }

    @Override
    public MemoryTemplate template() {
        return snapshot.template();
    }

    @Override
    public @Nullable ChargedMemory charged() {
        return null; // Its memory is mostly its snapshot's.
    }

    @Override
    public PageTableKey tables() {
        return request.tables();
    }

    @Override
    public void layOut(GuestMemory memory) {
        throw new IllegalStateException(SnapshotState.CLOSED);
    }

    @Override
    public boolean setRegisters(KvmVcpu vcpu) {
        return snapshot.giveTo(vcpu);
    }

    @Override
    public void populate(GuestMemory memory) {
        long visible = devices.ring().map(NetRing::gpa).orElse(snapshot.memory());
        BootState.populate(memory, snapshot.image(), visible);
    }

    @Override
    public void writeOwn(GuestVm vm) {
        devices.ring().ifPresent(ring -> ring.writeTo(vm.memory()));
        snapshot.image().seed().ifPresent(seed -> seed.renew(vm.memory(), RandomBytes::fill));
    }

    @Override
    public ResumePoint resume() {
        return snapshot.resume();
    }
}
