package jukvm.kvm;

import java.nio.ByteBuffer;

/** linux/kvm.h, struct kvm_device_attr: here, the offset of a vCPU's time-stamp counter. */
final class KvmDeviceAttr {
    static final int SIZE = 24;
    static final int GROUP = 4;
    static final int ATTR = 8;
    static final int ADDR = 16;

    static final int KVM_VCPU_TSC_CTRL = 0;
    static final int KVM_VCPU_TSC_OFFSET = 0;

    private final ByteBuffer at;

    KvmDeviceAttr(ByteBuffer at) {
        this.at = at;
    }

    /** Names the offset, which is or comes at a host address. */
    void putTscOffset(long address) {
        at.putInt(GROUP, KVM_VCPU_TSC_CTRL).putLong(ATTR, KVM_VCPU_TSC_OFFSET);
        at.putLong(ADDR, address);
    }
}
