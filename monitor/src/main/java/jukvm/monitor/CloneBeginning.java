package jukvm.monitor;

import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import jukvm.x86.BootState;

/** A guest that goes on from a snapshot. */
final class CloneBeginning implements Beginning {
    private final Snapshot snapshot;

    CloneBeginning(Snapshot snapshot) {
        this.snapshot = snapshot;
    }

    @Override
    public MemoryTemplate template() {
        return snapshot.template();
    }

    @Override
    public void layOut(GuestMemory memory) {
        throw new IllegalStateException(Snapshot.CLOSED);
    }

    @Override
    public boolean setRegisters(VmShell shell) {
        return shell.vcpu().restore(snapshot.vcpu());
    }

    @Override
    public void populate(GuestMemory memory) {
        BootState.populate(memory, snapshot.image(), snapshot.memory());
    }

    @Override
    public void writeOwn(VmShell shell) {}

    @Override
    public void resume(VcpuLoop loop) {
        loop.resume(snapshot.resume());
    }
}
