package jukvm.vm;

import java.util.concurrent.atomic.AtomicInteger;
import jukvm.error.HostException;
import jukvm.kvm.Kvm;
import jukvm.kvm.StandingVcpu;
import jukvm.memory.GuestMemory;
import jukvm.memory.PageScan;
import jukvm.process.ThreadClock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the VMs of one monitor, with what they have in common. Thread-safe. */
public final class KvmVms implements VmPool.Maker, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KvmVms.class);

    private final Kvm kvm;
    private final Templates templates;
    private final PageScan scan = PageScan.open();

    // Up to the second.
    private final AtomicInteger made = new AtomicInteger();
    private volatile @Nullable StandingVcpu standing;

    /** Makes none yet. */
    public KvmVms(Kvm kvm, Templates templates) {
        this.kvm = kvm;
        this.templates = templates;
    }

    @Override
    public GuestVm make(VmKind kind, GuestMemory memory, ThreadClock clock) {
        if (made.getAndUpdate(count -> Math.min(count + 1, 2)) == 1) { // One alone gains nothing.
            stand();
        }
        return new KvmGuestVm(this, kind, memory, clock);
    }

    private void stand() {
        try {
            standing = new StandingVcpu(kvm);
        } catch (HostException e) {
            LOG.debug("VMs: each is made as the first: {}", e.getMessage());
        }
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
        StandingVcpu stood = standing;
        if (stood != null) {
            stood.close();
        }
        scan.close();
        templates.close();
    }
}
