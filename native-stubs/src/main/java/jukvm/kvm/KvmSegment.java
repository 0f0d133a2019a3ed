package jukvm.kvm;

import java.nio.ByteBuffer;

/**
 * linux/kvm.h (asm/kvm.h), struct kvm_segment, x86-64: a segment register with its descriptor.
 *
 * <pre>
 * base u64 @0, limit u32 @8, selector u16 @12, then u8: type @14 present @15 dpl @16 db @17 s @18
 * l @19 g @20 avl @21 unusable @22 padding @23
 * </pre>
 */
public final class KvmSegment {
    static final int SIZE = 24;
    static final int BASE = 0;
    static final int LIMIT = 8;
    static final int SELECTOR = 12;
    static final int TYPE = 14;
    static final int PRESENT = 15;
    static final int DPL = 16;
    static final int DB = 17;
    static final int S = 18;
    static final int L = 19;
    static final int G = 20;
    static final int AVL = 21;
    static final int UNUSABLE = 22;

    private final ByteBuffer at;
    private final int start;

    KvmSegment(ByteBuffer at, int start) {
        this.at = at;
        this.start = start;
    }

    /**
     * Puts a flat 4 GiB code or data segment.
     *
     * @param selector with its requested privilege level in the two low bits
     * @param type the descriptor type, 0 to 15 (SDM volume 3, section 3.4.5.1)
     * @param dpl privilege level, 0 to 3
     * @param code whether it is 64-bit code (L set) or data (DB set)
     */
    public void putFlat(int selector, int type, int dpl, boolean code) {
        put(0, 0xffffffff, selector, type, dpl);
        at.put(start + S, (byte) 1);
        at.put(start + G, (byte) 1);
        at.put(start + L, (byte) (code ? 1 : 0));
        at.put(start + DB, (byte) (code ? 0 : 1));
    }

    /**
     * Puts a busy 64-bit task state segment.
     *
     * @param selector of its descriptor
     * @param base linear address
     * @param limit size in bytes less one
     */
    public void putTaskState(int selector, long base, int limit) {
        put(base, limit, selector, 11, 0);
    }

    /** Marks the segment as unusable. */
    public void putUnusable() {
        put(0, 0, 0, 0, 0);
        at.put(start + PRESENT, (byte) 0).put(start + UNUSABLE, (byte) 1);
    }

    private void put(long base, int limit, int selector, int type, int dpl) {
        for (int i = 0; i < SIZE; i++) {
            at.put(start + i, (byte) 0);
        }
        at.putLong(start + BASE, base).putInt(start + LIMIT, limit);
        at.putShort(start + SELECTOR, (short) selector);
        at.put(start + TYPE, (byte) type).put(start + PRESENT, (byte) 1);
        at.put(start + DPL, (byte) dpl);
    }

    /** Returns the linear address of the segment's first byte. */
    public long base() {
        return at.getLong(start + BASE);
    }

    /** Puts the linear address of the segment's first byte. */
    public void putBase(long base) {
        at.putLong(start + BASE, base);
    }

    /** Returns the selector, 0 to 65535. */
    public int selector() {
        return at.getShort(start + SELECTOR) & 0xffff;
    }
}
