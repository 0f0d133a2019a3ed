package jukvm.vm;

import java.util.Set;
import jukvm.kvm.Cpuid;

/** What the clones of a snapshot need of the host that they are to run on. Thread-safe. */
public interface SnapshotHost {
    /** Returns what CPUID tells guests. */
    Cpuid cpuid();

    /** Returns whether guests can run at ring 0. */
    boolean runsPrivileged();

    /** Returns whether guests have a time-stamp counter of their own, which can be set. */
    boolean ownsCounter();

    /**
     * Returns the numbers of the model-specific registers that can be set at ring 0.
     *
     * @throws jukvm.error.HostException if the host cannot tell
     */
    Set<Integer> settableMsrs();
}
