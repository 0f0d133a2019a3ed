package jukvm.kvm;

import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.libc.Fd;
import jukvm.memory.GuestMemory;

/**
 * A VM: memory slots and one vCPU. Used by one thread at a time.
 *
 * <p>Memory given to it must outlive it.
 */
public final class KvmVm implements AutoCloseable {
    static final long SET_USER_MEMORY_REGION = Ioctl.iow(0x46, KvmUserspaceMemoryRegion.SIZE);
    static final long CREATE_VCPU = Ioctl.io(0x41);
    static final long ENABLE_CAP = Ioctl.iow(0xa3, KvmEnableCap.SIZE);

    // What this VM and its vCPU pass to the kernel lies in one page, a struct at each offset.
    static final int AT_REGION = 0;
    static final int AT_REGS = 64;
    static final int AT_SREGS = 256;
    static final int AT_MSRS = 640;
    static final int AT_SIGNALS = 704;
    static final int AT_ENABLE_CAP = 768;

    private final Kvm kvm;
    private final Fd fd;
    private final VmArena arena;
    private boolean closed;
    private final KvmUserspaceMemoryRegion region;

    KvmVm(Kvm kvm, Fd fd) {
        this.kvm = kvm;
        this.fd = fd;
        try {
            this.arena = kvm.takeArena();
        } catch (HostException e) {
            fd.close();
            throw e;
        }
        this.region = new KvmUserspaceMemoryRegion(slice(AT_REGION, KvmUserspaceMemoryRegion.SIZE));
        if (kvm.tellsTripleFaults()) {
            tellTripleFaults();
        }
    }

    // One that a stopped guest had still to come is taken back with the other events, instead of
    // being the next guest's.
    private void tellTripleFaults() {
        new KvmEnableCap(slice(AT_ENABLE_CAP, KvmEnableCap.SIZE))
                .put(Capability.X86_TRIPLE_FAULT_EVENT);
        try {
            KvmCall.ioctl(fd, "KVM_ENABLE_CAP", ENABLE_CAP, address(AT_ENABLE_CAP));
        } catch (HostException e) {
            close();
            throw e;
        }
    }

    Kvm kvm() {
        return kvm;
    }

    ByteBuffer slice(int offset, int size) {
        return arena.slice(offset, size);
    }

    long address(int offset) {
        return arena.address(offset);
    }

    /**
     * Shows a range of guest memory to the guest, at its guest-physical address.
     *
     * @param slot number of the slot, from 0; ranges of slots do not overlap
     * @param gpa of the first byte, a multiple of the page size
     * @param length in bytes, a multiple of the page size
     * @param readOnly whether a store of the guest leaves the VM instead of reaching memory
     * @throws HostException if the kernel refuses
     */
    public void setMemory(int slot, GuestMemory memory, long gpa, long length, boolean readOnly) {
        if (!memory.contains(gpa, length)) {
            throw new IllegalArgumentException("gpa=" + gpa + " length=" + length);
        }
        region.put(slot, readOnly, gpa, length, memory.mapping().address() + gpa);
        KvmCall.ioctl(fd, "KVM_SET_USER_MEMORY_REGION", SET_USER_MEMORY_REGION, address(AT_REGION));
    }

    /**
     * Creates the vCPU and gives it the process's CPUID.
     *
     * @throws HostException if the kernel refuses
     */
    public KvmVcpu createVcpu() {
        return new KvmVcpu(this, createIdleVcpu(), kvm);
    }

    /** Creates a vCPU that does nothing yet. */
    Fd createIdleVcpu() {
        int vcpu = KvmCall.ioctl(fd, "KVM_CREATE_VCPU", CREATE_VCPU, 0);
        return Fd.of(vcpu, "KVM vCPU", "KVM_CREATE_VCPU");
    }

    /** Closes the VM; the kernel frees it when its vCPU is closed as well. */
    @Override
    public void close() {
        fd.close();
        if (!closed) {
            closed = true;
            kvm.giveArena(arena);
        }
    }
}
