package jukvm.vm;

import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.Devices;
import jukvm.device.NetRing;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.image.GuestImage;
import jukvm.kvm.Cpuid;
import jukvm.kvm.KvmVcpu;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.MemoryTemplate;

/**
 * All that clones of one guest go on from: its memory, its vCPU, and what it was told. Thread-safe.
 */
public final class SnapshotState implements AutoCloseable {
    public static final String CLOSED = "the snapshot is closed";

    // KVM's own tolerance: what the kernel measures at each boot differs by less.
    private static final long TOLERANCE_PPM = 250;

    private final SnapshotOrigin origin;
    private final Host host;
    private final MemoryTemplate template;
    private final VcpuSnapshot vcpu;
    private final ResumePoint resume;
    private volatile boolean closed;

    /**
     * What a guest was shown of the host, which is the same wherever it goes on.
     *
     * @param cpuid what CPUID told it
     * @param tscHz frequency of its time-stamp counter
     */
    public record Host(Cpuid cpuid, long tscHz) {}

    /**
     * Makes one, which closes template and vCPU.
     *
     * @param origin what the guest is
     * @param host what it was shown
     * @param template what the memory of its clones begins with
     * @param vcpu what their vCPU begins with
     * @param resume where they go on
     */
    public SnapshotState(
            SnapshotOrigin origin,
            Host host,
            MemoryTemplate template,
            VcpuSnapshot vcpu,
            ResumePoint resume) {
        this.origin = origin;
        this.host = host;
        this.template = template;
        this.vcpu = vcpu;
        this.resume = resume;
    }

    /**
     * Takes one of a guest that was stopped at its point; on its vCPU's thread.
     *
     * @param origin what the guest is
     * @param resume where its clones go on
     * @throws HostException if the host has no descriptor or memory for it
     */
    public static SnapshotState take(SnapshotOrigin origin, GuestVm vm, ResumePoint resume) {
        VcpuSnapshot vcpu = vm.save();
        try {
            Host host = new Host(vm.cpuid(), vm.tscHz());
            long end = resume.ring() == null ? origin.memory() : NetRing.placeIn(origin.memory());
            return new SnapshotState(origin, host, vm.memory().template(end), vcpu, resume);
        } catch (RuntimeException | Error e) {
            vcpu.close();
            throw e;
        }
    }

    /**
     * Refuses devices that are not what the guest was told.
     *
     * @throws ConfigException if one differs in its address, size or block size
     */
    public void requireSame(Devices attached) {
        if (!origin.devices().equals(SnapshotOrigin.encode(image(), attached))) {
            throw new ConfigException(
                    image().name()
                            + ": a device differs in address, capacity, block size or MTU from what"
                            + " the guest was told before its snapshot; attach ones that are"
                            + " alike");
        }
    }

    /**
     * Gives a vCPU, which is as new, the registers of a clone.
     *
     * @return false if it is closed
     * @throws HostException if the vCPU counts the time at another pace, or the host does not take
     *     them
     */
    public boolean giveTo(KvmVcpu clone) {
        long hz = clone.tscHz();
        if (Math.abs(hz - host.tscHz) > host.tscHz / 1_000_000 * TOLERANCE_PPM) {
            throw new HostException(
                    image().name(),
                    "time-stamp counter of "
                            + host.tscHz
                            + " Hz where the snapshot was taken, "
                            + hz
                            + " Hz on this host",
                    0,
                    "Take a snapshot on this host.");
        }
        return clone.restore(vcpu);
    }

    /**
     * Throws if it is closed.
     *
     * @throws IllegalStateException if it is
     */
    public void requireOpen() {
        if (closed) {
            throw new IllegalStateException(CLOSED);
        }
    }

    /** Returns what the guest is. */
    public SnapshotOrigin origin() {
        return origin;
    }

    /** Returns what the guest was shown of its host. */
    public Host host() {
        return host;
    }

    /** Returns the image of each clone. */
    public GuestImage image() {
        return origin.image();
    }

    /** Returns the dialect that each clone speaks. */
    public Dialect dialect() {
        return origin.dialect();
    }

    /** Returns the privilege level of each clone. */
    public PrivilegeLevel privilege() {
        return origin.privilege();
    }

    /** Returns the memory of each clone, in bytes. */
    public long memory() {
        return origin.memory();
    }

    /** Returns what the memory of each clone begins with. */
    public MemoryTemplate template() {
        return template;
    }

    /** Returns what the vCPU of each clone begins with. */
    public VcpuSnapshot vcpu() {
        return vcpu;
    }

    /** Returns where each clone goes on. */
    public ResumePoint resume() {
        return resume;
    }

    /** Gives its memory back. Clones that run are not concerned; others cannot be started. */
    @Override
    public void close() {
        closed = true;
        template.close();
        vcpu.close();
    }
}
