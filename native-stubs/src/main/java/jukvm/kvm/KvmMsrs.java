package jukvm.kvm;

import java.nio.ByteBuffer;

/**
 * linux/kvm.h (asm/kvm.h), struct kvm_msrs with one struct kvm_msr_entry: nmsrs u32 @0, padding
 * u32 @4, then index u32 @8, reserved u32 @12, data u64 @16.
 */
final class KvmMsrs {
    /** Of the header alone, which the request number is made from. */
    static final int SIZE = 8;

    static final int ENTRY_SIZE = 16;
    static final int INDEX = 8;
    static final int DATA = 16;

    private final ByteBuffer at;

    KvmMsrs(ByteBuffer at) {
        this.at = at;
    }

    void put(int index, long data) {
        at.putInt(0, 1).putInt(INDEX, index).putLong(DATA, data);
    }
}
