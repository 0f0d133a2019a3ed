package jukvm.kvm;

import java.nio.ByteBuffer;

/**
 * linux/kvm.h, struct kvm_run, x86-64: why and where the vCPU left the guest.
 *
 * <p>Written by the kernel, read after each {@link Vcpu#run}. The fields from offset 32 on are a
 * union; which of them is meaningful depends on {@link #exitReason}.
 */
public final class KvmRun {
    /** Of the struct, in bytes. */
    public static final int SIZE = 2352;

    static final int IMMEDIATE_EXIT = 1;
    static final int EXIT_REASON = 8;
    static final int CR8 = 16;
    static final int IO_DIRECTION = 32;
    static final int IO_SIZE = 33;
    static final int IO_PORT = 34;
    static final int IO_COUNT = 36;
    static final int IO_DATA_OFFSET = 40;
    static final int MMIO_PHYS_ADDR = 32;
    static final int MMIO_DATA = 40;
    static final int MMIO_LEN = 48;
    static final int MMIO_IS_WRITE = 52;
    static final int DEBUG_EXCEPTION = 32;
    static final int DEBUG_DR6 = 48;
    static final int DB_VECTOR = 1;
    static final int FAIL_ENTRY_REASON = 32;
    static final int INTERNAL_SUBERROR = 32;

    // What KVM_RUN takes over before it enters the guest: the union s, a struct kvm_sync_regs.
    static final int DIRTY_REGS = 296;
    static final int SYNC_REGS = 304;
    static final int SYNC_SREGS = 448;
    static final int SYNC_EVENTS = 760;
    static final int SYNC_X86_REGS = 1;
    static final int SYNC_X86_SREGS = 2;
    static final int SYNC_X86_EVENTS = 4;

    private final ByteBuffer at;

    /** Makes a view of {@link #SIZE} bytes or more, in the processor's order. */
    public KvmRun(ByteBuffer at) {
        this.at = at;
    }

    /** Makes KVM_RUN return before it enters the guest, or not. */
    void setImmediateExit(boolean immediate) {
        at.put(IMMEDIATE_EXIT, (byte) (immediate ? 1 : 0));
    }

    /**
     * Puts control register 8, which KVM_RUN takes from here and from nowhere else where there is
     * no interrupt controller in the kernel.
     */
    void putCr8(long cr8) {
        at.putLong(CR8, cr8);
    }

    /** Gives registers to the vCPU when it is run next. */
    void stageRegisters(ByteBuffer regs, ByteBuffer sregs) {
        at.put(SYNC_REGS, regs, 0, KvmRegs.SIZE).put(SYNC_SREGS, sregs, 0, KvmSregs.SIZE);
        stage(SYNC_X86_REGS | SYNC_X86_SREGS);
    }

    /** Gives pending events to the vCPU when it is run next. */
    void stageEvents(ByteBuffer events) {
        at.put(SYNC_EVENTS, events, 0, VcpuState.EVENTS_SIZE);
        stage(SYNC_X86_EVENTS);
    }

    private void stage(int bits) {
        at.putLong(DIRTY_REGS, at.getLong(DIRTY_REGS) | bits);
    }

    /** Returns why the vCPU left the guest. */
    public ExitReason exitReason() {
        return ExitReason.of(exitReasonNumber());
    }

    /** Returns the kernel's number for why the vCPU left the guest. */
    public int exitReasonNumber() {
        return at.getInt(EXIT_REASON);
    }

    /** Returns whether the guest wrote to the port rather than read from it. */
    public boolean ioIsOut() {
        return at.get(IO_DIRECTION) == 1;
    }

    /** Returns the width of the access in bytes: 1, 2 or 4. */
    public int ioSize() {
        return at.get(IO_SIZE);
    }

    /** Returns the port, 0 to 65535. */
    public int ioPort() {
        return at.getShort(IO_PORT) & 0xffff;
    }

    /** Returns how many accesses the exit stands for; more than one for a string instruction. */
    public int ioCount() {
        return at.getInt(IO_COUNT);
    }

    /** Returns the 32-bit value the guest wrote to the port, 0 to 2^32 - 1. */
    public long ioValue() {
        return at.getInt((int) at.getLong(IO_DATA_OFFSET)) & 0xffffffffL;
    }

    /** Returns the guest-physical address of the access. */
    public long mmioAddress() {
        return at.getLong(MMIO_PHYS_ADDR);
    }

    /** Returns whether the guest wrote. */
    public boolean mmioIsWrite() {
        return at.get(MMIO_IS_WRITE) != 0;
    }

    /**
     * Returns what debug register 6 tells of the stop: see {@link DebugRegisters#met}; 0 of a
     * breakpoint in memory, of which it tells nothing.
     */
    public long debugStatus() {
        return at.getInt(DEBUG_EXCEPTION) == DB_VECTOR ? at.getLong(DEBUG_DR6) : 0;
    }

    /** Returns the hardware's reason for a failed entry. */
    public long failEntryReason() {
        return at.getLong(FAIL_ENTRY_REASON);
    }

    /** Returns KVM's number for its internal error; 1 is an instruction it cannot emulate. */
    public int internalSuberror() {
        return at.getInt(INTERNAL_SUBERROR);
    }
}
