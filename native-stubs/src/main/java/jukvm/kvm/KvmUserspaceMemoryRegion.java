package jukvm.kvm;

import java.nio.ByteBuffer;

/** linux/kvm.h, struct kvm_userspace_memory_region: host memory shown to the guest. */
final class KvmUserspaceMemoryRegion {
    static final int SIZE = 32;
    static final int SLOT = 0;
    static final int FLAGS = 4;
    static final int GUEST_PHYS_ADDR = 8;
    static final int MEMORY_SIZE = 16;
    static final int USERSPACE_ADDR = 24;

    private static final int KVM_MEM_READONLY = 1 << 1;

    private final ByteBuffer at;

    KvmUserspaceMemoryRegion(ByteBuffer at) {
        this.at = at;
    }

    void put(int slot, boolean readOnly, long gpa, long length, long hostAddress) {
        at.putInt(SLOT, slot).putInt(FLAGS, readOnly ? KVM_MEM_READONLY : 0);
        at.putLong(GUEST_PHYS_ADDR, gpa).putLong(MEMORY_SIZE, length);
        at.putLong(USERSPACE_ADDR, hostAddress);
    }
}
