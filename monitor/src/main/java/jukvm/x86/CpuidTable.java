package jukvm.x86;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * What a guest is told of its processor, whatever processor it runs on. Immutable. Source: SDM
 * volume 2, CPUID; linux/kvm.h, struct kvm_cpuid_entry2.
 *
 * <pre>
 * entry  function u32 @0, index u32 @4, flags u32 @8, eax @12, ebx @16, ecx @20, edx @24
 * </pre>
 */
public final class CpuidTable {
    private static final int ENTRY = 28;
    private static final int SIGNIFICANT_INDEX = 1;
    private static final int RDRAND = 1 << 30; // leaf 1, ecx
    private static final int OSXSAVE = 1 << 27; // leaf 1, ecx
    private static final int HLE_RTM_RDSEED = 1 << 4 | 1 << 11 | 1 << 18; // leaf 7, ebx
    private static final int MAX_ENTRIES = 256;

    /** Registers that CPUID writes. */
    record Answer(int eax, int ebx, int ecx, int edx) {
        private static final Answer NONE = new Answer(0, 0, 0, 0);
    }

    private final ByteBuffer entries;

    /**
     * Makes one of its entries.
     *
     * @param bytes hostile
     * @throws IllegalArgumentException if they are none
     */
    public CpuidTable(byte[] bytes) {
        if (bytes.length % ENTRY != 0 || bytes.length > MAX_ENTRIES * ENTRY) {
            throw new IllegalArgumentException(bytes.length + " bytes of CPUID");
        }
        this.entries = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Returns the same without what differs from run to run: random numbers and transactions.
     *
     * @param bytes the entries, changed
     */
    public static CpuidTable predictable(byte[] bytes) {
        CpuidTable table = new CpuidTable(bytes);
        for (int at = 0; at < bytes.length; at += ENTRY) {
            switch (table.entries.getInt(at)) {
                case 1 -> table.clear(at + 20, RDRAND | OSXSAVE);
                case 7 -> table.clear(at + 16, HLE_RTM_RDSEED);
                default -> {}
            }
        }
        return table;
    }

    private void clear(int at, int bits) {
        entries.putInt(at, entries.getInt(at) & ~bits);
    }

    /** Returns its entries. */
    public byte[] bytes() {
        return entries.array().clone();
    }

    /** Returns what CPUID answers; zeros for what it does not know. */
    Answer answer(int function, int index) {
        for (int at = 0; at < entries.capacity(); at += ENTRY) {
            boolean isIndexed = (entries.getInt(at + 8) & SIGNIFICANT_INDEX) != 0;
            if (entries.getInt(at) == function && (!isIndexed || entries.getInt(at + 4) == index)) {
                return new Answer(
                        entries.getInt(at + 12),
                        entries.getInt(at + 16),
                        entries.getInt(at + 20),
                        entries.getInt(at + 24));
            }
        }
        return Answer.NONE;
    }
}
