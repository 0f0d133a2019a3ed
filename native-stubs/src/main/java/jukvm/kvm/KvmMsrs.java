package jukvm.kvm;

import java.nio.ByteBuffer;

/**
 * linux/kvm.h (asm/kvm.h), struct kvm_msrs with its struct kvm_msr_entry: nmsrs u32 @0, padding
 * u32 @4, then for each entry index u32 @8, reserved u32 @12, data u64 @16.
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

    /** Puts how many entries there are. */
    KvmMsrs count(int entries) {
        at.putInt(0, entries);
        return this;
    }

    /** Puts an entry, numbered from 0. */
    KvmMsrs put(int entry, int index, long data) {
        at.putInt(INDEX + entry * ENTRY_SIZE, index).putLong(DATA + entry * ENTRY_SIZE, data);
        return this;
    }

    /** Returns the number of the register of an entry. */
    int index(int entry) {
        return at.getInt(INDEX + entry * ENTRY_SIZE);
    }

    /** Returns what is in the register of an entry. */
    long data(int entry) {
        return at.getLong(DATA + entry * ENTRY_SIZE);
    }
}
