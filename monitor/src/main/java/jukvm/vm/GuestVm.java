package jukvm.vm;

import jukvm.kvm.Cpuid;
import jukvm.kvm.Vcpu;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import jukvm.x86.TrapEmulator;
import org.jspecify.annotations.Nullable;

/**
 * A VM with its vCPU and memory, as the pool and its guest's run see it. Belongs to one thread, but
 * for what says otherwise.
 */
public interface GuestVm extends AutoCloseable {
    /** Returns the memory of its guest. */
    GuestMemory memory();

    /** Returns its only vCPU. */
    Vcpu vcpu();

    /** Returns what handles its guest's exceptions; null at ring 0, where the guest does. */
    @Nullable TrapEmulator emulator();

    /** Returns what tells how its guest faulted. */
    FaultReport faults();

    /** Returns the frequency of its guest's time-stamp counter in Hz. */
    long tscHz();

    /** Returns what CPUID tells its guest. */
    Cpuid cpuid();

    /** Returns how long its thread was on a processor, in nanoseconds; from any thread. */
    long cpuNanos();

    /**
     * Returns how much memory is its guest's own, in bytes: private pages that were written; from
     * any thread.
     *
     * @throws jukvm.error.HostException if the host cannot tell
     */
    long ownBytes();

    /**
     * Makes memory and registers those of a guest that starts, but for what is the guest's own; the
     * VM is new, clean or {@link #prepare prepared}.
     *
     * @throws IllegalStateException if the snapshot the guest goes on from is closed
     * @throws jukvm.error.HostException if the host refuses
     */
    void begin(GuestStart start);

    /** Returns all of what its vCPU is, which has left its guest. */
    VcpuSnapshot save();

    /**
     * Has other memory shown to its guest.
     *
     * @param other of the same size; it stays the caller's, and what was shown becomes it
     * @throws jukvm.error.HostException if the host refuses; the VM is to be closed
     */
    void show(GuestMemory other);

    /**
     * Makes it what the VM was that a guest has left, whose memory it shows by now.
     *
     * @param saved what that one's vCPU was
     * @param nanos for how long the guest had none
     * @param tables what the guest's page tables follow from
     * @throws jukvm.error.HostException if the host refuses; it is to be closed
     */
    void goOn(VcpuSnapshot saved, long nanos, PageTableKey tables);

    /** Makes it as if no guest had been there; false if it cannot be, and is to be closed. */
    boolean clean();

    /**
     * Lays out a clean one for another guest that starts like this one, if one is to be expected.
     *
     * @throws jukvm.error.HostException if the host refuses; it is to be closed
     */
    void prepare(GuestStart start);

    /** Returns whether its memory begins with a template already; for one that is idle. */
    boolean beginsWith(MemoryTemplate template);

    @Override
    void close();
}
