package jukvm.vm;

import java.nio.ByteBuffer;
import java.util.Arrays;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.Devices;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.MemoryTemplate;

/**
 * All that clones of one guest go on from: its memory, its vCPU, and what it was told. Thread-safe.
 */
public final class SnapshotState implements AutoCloseable {
    public static final String CLOSED = "the snapshot is closed";

    private final GuestImage image;
    private final Dialect dialect;
    private final PrivilegeLevel privilege;
    private final long memory;
    private final byte[] devices;
    private final MemoryTemplate template;
    private final VcpuSnapshot vcpu;
    private final ResumePoint resume;
    private volatile boolean closed;

    private SnapshotState(
            SnapshotOrigin origin,
            long memory,
            MemoryTemplate template,
            VcpuSnapshot vcpu,
            ResumePoint resume) {
        this.image = origin.image();
        this.dialect = origin.dialect();
        this.privilege = origin.privilege();
        this.memory = memory;
        this.devices = encode(image, origin.devices());
        this.template = template;
        this.vcpu = vcpu;
        this.resume = resume;
    }

    /**
     * Takes one of a guest that was stopped at its point; on its vCPU's thread.
     *
     * @param origin what the guest is
     * @param resume where its clones go on
     * @throws jukvm.error.HostException if the host has no descriptor or memory for it
     */
    public static SnapshotState take(SnapshotOrigin origin, GuestVm vm, ResumePoint resume) {
        VcpuSnapshot vcpu = vm.save();
        MemoryTemplate template = null;
        try {
            template = vm.memory().template();
            return new SnapshotState(origin, vm.memory().size(), template, vcpu, resume);
        } catch (RuntimeException | Error e) {
            vcpu.close();
            if (template != null) {
                template.close();
            }
            throw e;
        }
    }

    // What the guest was told of its devices; nothing in dialects that ask for it.
    private static byte[] encode(GuestImage image, Devices attached) {
        if (!image.dialect().isMarked()) {
            return new byte[0];
        }
        ByteBuffer encoded = ByteBuffer.allocate(image.manifest().encodedSize());
        image.manifest().encode(encoded, attached);
        return encoded.array();
    }

    /**
     * Refuses devices that are not what the guest was told.
     *
     * @throws ConfigException if one differs in its address, size or block size
     */
    public void requireSame(Devices attached) {
        if (!Arrays.equals(devices, encode(image, attached))) {
            throw new ConfigException(
                    image.name()
                            + ": a device differs in address, capacity, block size or MTU from what"
                            + " the guest was told before its snapshot; attach ones that are"
                            + " alike");
        }
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

    /** Returns the image of each clone. */
    public GuestImage image() {
        return image;
    }

    /** Returns the dialect that each clone speaks. */
    public Dialect dialect() {
        return dialect;
    }

    /** Returns the privilege level of each clone. */
    public PrivilegeLevel privilege() {
        return privilege;
    }

    /** Returns the memory of each clone, in bytes. */
    public long memory() {
        return memory;
    }

    /** Returns how much memory of the host it takes itself, in bytes: pages that are not zero. */
    public long bytes() {
        return template.bytes();
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
