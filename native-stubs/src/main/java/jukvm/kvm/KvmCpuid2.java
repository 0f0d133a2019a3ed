package jukvm.kvm;

import java.nio.ByteBuffer;
import jukvm.libc.Mapping;

/**
 * linux/kvm.h (asm/kvm.h), struct kvm_cpuid2: nent u32 @0, padding u32 @4, then entries of struct
 * kvm_cpuid_entry2: function u32 @0, index @4, flags @8, eax @12, ebx @16, ecx @20, edx @24,
 * padding to 40 bytes.
 */
final class KvmCpuid2 {
    static final int SIZE = 8;
    static final int ENTRY_SIZE = 40;
    static final int FUNCTION = 0;
    static final int INDEX = 4;
    static final int EAX = 12;
    static final int EBX = 16;
    static final int ECX = 20;
    static final int EDX = 24;

    /** Room for as many entries as the kernel can have: KVM_MAX_CPUID_ENTRIES. */
    static final int MAX_ENTRIES = 256;

    private final ByteBuffer at;

    private KvmCpuid2(ByteBuffer at) {
        this.at = at;
    }

    static Mapping allocate() {
        Mapping table = Mapping.anonymous(SIZE + MAX_ENTRIES * ENTRY_SIZE);
        table.window(0, SIZE).putInt(0, MAX_ENTRIES);
        return table;
    }

    static KvmCpuid2 over(Mapping table) {
        return over(table.window(0, table.length()));
    }

    static KvmCpuid2 over(ByteBuffer at) {
        return new KvmCpuid2(at);
    }

    int entries() {
        return at.getInt(0);
    }

    int get(int entry, int field) {
        return at.getInt(SIZE + entry * ENTRY_SIZE + field);
    }

    void put(int entry, int field, int value) {
        at.putInt(SIZE + entry * ENTRY_SIZE + field, value);
    }

    void and(int entry, int field, int mask) {
        put(entry, field, get(entry, field) & mask);
    }

    /** Returns all entries without their padding. */
    byte[] bytes() {
        int size = EDX + Integer.BYTES;
        byte[] bytes = new byte[entries() * size];
        for (int i = 0; i < entries(); i++) {
            at.get(SIZE + i * ENTRY_SIZE, bytes, i * size, size);
        }
        return bytes;
    }
}
