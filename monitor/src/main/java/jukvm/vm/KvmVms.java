package jukvm.vm;

import jukvm.kvm.Kvm;
import jukvm.memory.GuestMemory;
import jukvm.memory.PageScan;
import jukvm.process.ThreadClock;

/** Makes the VMs of one monitor, with what they have in common. Thread-safe. */
public final class KvmVms implements VmPool.Maker, AutoCloseable {
    private final Kvm kvm;
    private final Templates templates;
    private final PageScan scan = PageScan.open();

    /** Makes none yet. */
    public KvmVms(Kvm kvm, Templates templates) {
        this.kvm = kvm;
        this.templates = templates;
    }

    @Override
    public GuestVm make(VmKind kind, GuestMemory memory, ThreadClock clock) {
        return new KvmGuestVm(this, kind, memory, clock);
    }

    Kvm kvm() {
        return kvm;
    }

    Templates templates() {
        return templates;
    }

    /** Returns what finds the pages that guests have written. */
    PageScan scan() {
        return scan;
    }

    /** Closes what they share, but for KVM; none is left. */
    @Override
    public void close() {
        scan.close();
        templates.close();
    }
}
