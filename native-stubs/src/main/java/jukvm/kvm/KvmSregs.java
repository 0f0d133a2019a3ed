package jukvm.kvm;

import java.nio.ByteBuffer;

/**
 * linux/kvm.h (asm/kvm.h), struct kvm_sregs, x86-64: segment, table and control registers.
 *
 * <p>gdt and idt are struct kvm_dtable: base u64 @0, limit u16 @8, padded to 16 bytes.
 */
public final class KvmSregs {
    /** Of the struct, in bytes. */
    public static final int SIZE = 312;

    static final int DTABLE_SIZE = 16;
    static final int DTABLE_LIMIT = 8;

    static final int CS = 0;
    static final int DS = 24;
    static final int ES = 48;
    static final int FS = 72;
    static final int GS = 96;
    static final int SS = 120;
    static final int TR = 144;
    static final int LDT = 168;
    static final int GDT = 192;
    static final int IDT = 208;
    static final int CR0 = 224;
    static final int CR2 = 232;
    static final int CR3 = 240;
    static final int CR4 = 248;
    static final int CR8 = 256;
    static final int EFER = 264;
    static final int APIC_BASE = 272;
    static final int INTERRUPT_BITMAP = 280;

    private final ByteBuffer at;

    /** Makes a view of {@link #SIZE} bytes, in the processor's order. */
    public KvmSregs(ByteBuffer at) {
        this.at = at;
    }

    /** Zeroes every field. */
    public KvmSregs clear() {
        for (int i = 0; i < SIZE; i += Long.BYTES) {
            at.putLong(i, 0);
        }
        return this;
    }

    /** Returns the code segment. */
    public KvmSegment cs() {
        return new KvmSegment(at, CS);
    }

    /** Returns the data segments: DS, ES, FS, GS and SS. */
    public KvmSegment[] data() {
        return new KvmSegment[] {
            new KvmSegment(at, DS),
            new KvmSegment(at, ES),
            fs(),
            new KvmSegment(at, GS),
            new KvmSegment(at, SS)
        };
    }

    /** Returns the FS segment, whose base is the thread pointer of guests. */
    public KvmSegment fs() {
        return new KvmSegment(at, FS);
    }

    /** Returns the GS segment. */
    public KvmSegment gs() {
        return new KvmSegment(at, GS);
    }

    /** Returns the task register. */
    public KvmSegment tr() {
        return new KvmSegment(at, TR);
    }

    /** Returns the local descriptor table register. */
    public KvmSegment ldt() {
        return new KvmSegment(at, LDT);
    }

    /** Puts the global descriptor table register: linear address, and size in bytes less one. */
    public KvmSregs putGdt(long base, int limit) {
        return putTable(GDT, base, limit);
    }

    /** Puts the interrupt descriptor table register: linear address, and size in bytes less one. */
    public KvmSregs putIdt(long base, int limit) {
        return putTable(IDT, base, limit);
    }

    private KvmSregs putTable(int offset, long base, int limit) {
        at.putLong(offset, base).putShort(offset + DTABLE_LIMIT, (short) limit);
        return this;
    }

    /** Returns control register 0. */
    public long cr0() {
        return at.getLong(CR0);
    }

    /** Returns control register 2: the linear address of the last page fault. */
    public long cr2() {
        return at.getLong(CR2);
    }

    /** Puts control register 2. */
    public KvmSregs putCr2(long cr2) {
        at.putLong(CR2, cr2);
        return this;
    }

    /** Returns control register 3. */
    public long cr3() {
        return at.getLong(CR3);
    }

    /** Returns control register 4. */
    public long cr4() {
        return at.getLong(CR4);
    }

    /** Returns control register 8: the task priority. */
    public long cr8() {
        return at.getLong(CR8);
    }

    /** Puts control registers 0, 3 and 4 and the extended feature enable register. */
    public KvmSregs putControl(long cr0, long cr3, long cr4, long efer) {
        at.putLong(CR0, cr0).putLong(CR3, cr3).putLong(CR4, cr4).putLong(EFER, efer);
        return this;
    }
}
