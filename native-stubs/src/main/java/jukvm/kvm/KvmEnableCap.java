package jukvm.kvm;

import java.nio.ByteBuffer;

/** linux/kvm.h, struct kvm_enable_cap: cap u32 @0, flags u32 @4, args u64[4] @8. */
final class KvmEnableCap {
    static final int SIZE = 104;
    static final int CAP = 0;
    static final int ARGS = 8;

    private final ByteBuffer at;

    KvmEnableCap(ByteBuffer at) {
        this.at = at;
    }

    /** Names what is to be switched on. */
    void put(Capability capability) {
        at.putInt(CAP, capability.number()).putLong(ARGS, 1);
    }
}
