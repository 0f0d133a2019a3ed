package jukvm.monitor;

import java.nio.ByteBuffer;
import java.util.Arrays;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.Devices;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import jukvm.kvm.VcpuSnapshot;
import jukvm.memory.MemoryTemplate;
import jukvm.x86.EmulatorState;
import org.jspecify.annotations.Nullable;

/**
 * A guest that was stopped at a point of its life, from which any number of clones go on: {@link
 * Tender#snapshot} takes it, {@link Tender#builder(Monitor, Snapshot)} starts clones. Memory is
 * shared copy-on-write, so a clone costs what it changes.
 *
 * <p>What clones share is more than most guests expect. <b>Entropy:</b> a random generator that was
 * seeded before the point gives every clone the same numbers, keys included; take the snapshot
 * before the guest draws any, or have each clone seed again. <b>Clocks:</b> the wall clock is right
 * in each clone; the time-stamp counter runs on, so that a clone's monotonic clock jumps by the
 * time since the snapshot. <b>Devices:</b> a clone has devices of its own, by the same names, with
 * the same addresses and sizes, since the guest knows them already; what it had read of them, or
 * written to them, before the point is as it was then. <b>Arguments</b> were read before.
 *
 * <p>Thread-safe.
 */
public final class Snapshot implements AutoCloseable {
    static final String CLOSED = "the snapshot is closed";

    private final GuestImage image;
    private final Dialect dialect;
    private final PrivilegeLevel ring;
    private final long memory;
    private final byte[] devices;
    private final MemoryTemplate template;
    private final VcpuSnapshot vcpu;
    private final Resume resume;
    private volatile boolean closed;

    /**
     * What the vCPU loop goes on with.
     *
     * @param emulator what the emulator knew, null at ring 0
     * @param port of the hypercall that is to be answered
     * @param gpa what the guest passed to it
     */
    record Resume(@Nullable EmulatorState emulator, int port, long gpa) {}

    private Snapshot(
            GuestPlan plan,
            Dialect dialect,
            MemoryTemplate template,
            VcpuSnapshot vcpu,
            Resume resume) {
        this.image = plan.image();
        this.dialect = dialect;
        this.ring = plan.ring();
        this.memory = plan.memory();
        this.devices = encode(plan.image(), plan.devices());
        this.template = template;
        this.vcpu = vcpu;
        this.resume = resume;
    }

    /**
     * Takes one of a guest that was stopped at its point; on its vCPU's thread.
     *
     * @param dialect that it speaks
     * @throws jukvm.error.HostException if the host has no descriptor or memory for it
     */
    static Snapshot take(GuestPlan plan, Dialect dialect, VmShell shell, Resume resume) {
        VcpuSnapshot vcpu = shell.vcpu().save(plan.ring() == PrivilegeLevel.RING_0);
        MemoryTemplate template = null;
        try {
            template = shell.memory().template();
            return new Snapshot(plan, dialect, template, vcpu, resume);
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
    void requireSame(Devices attached) {
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
    void requireOpen() {
        if (closed) {
            throw new IllegalStateException(CLOSED);
        }
    }

    GuestImage image() {
        return image;
    }

    Dialect dialect() {
        return dialect;
    }

    PrivilegeLevel ring() {
        return ring;
    }

    /** Returns the memory of each clone, in bytes. */
    public long memory() {
        return memory;
    }

    /** Returns how much memory of the host it takes itself, in bytes: pages that are not zero. */
    public long bytes() {
        return template.bytes();
    }

    MemoryTemplate template() {
        return template;
    }

    VcpuSnapshot vcpu() {
        return vcpu;
    }

    Resume resume() {
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
