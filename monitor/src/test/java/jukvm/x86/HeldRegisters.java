package jukvm.x86;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import jukvm.kvm.KvmRegs;
import jukvm.kvm.KvmSregs;
import jukvm.kvm.VcpuRegisters;

/**
 * The registers of a vCPU without KVM. What it holds, and the views of what was got from it, are
 * apart, so that what is not got or not given back shows.
 */
final class HeldRegisters implements VcpuRegisters {
    /** What the vCPU holds. */
    final KvmRegs general;

    /** What the vCPU holds, special. */
    final KvmSregs special;

    /** The bytes of {@link #special}. */
    final ByteBuffer specialBytes = buffer(KvmSregs.SIZE);

    /** What was set. */
    final Map<Integer, Long> msrs = new LinkedHashMap<>();

    /** Whether KVM accepts what is set. */
    boolean acceptsMsrs = true;

    private final ByteBuffer generalBytes = buffer(KvmRegs.SIZE);
    private final ByteBuffer regsBytes = buffer(KvmRegs.SIZE);
    private final ByteBuffer sregsBytes = buffer(KvmSregs.SIZE);
    private final KvmRegs regs = new KvmRegs(regsBytes);
    private final KvmSregs sregs = new KvmSregs(sregsBytes);

    HeldRegisters() {
        general = new KvmRegs(generalBytes);
        special = new KvmSregs(specialBytes);
        // What a view holds before it is got is nothing to go by.
        for (ByteBuffer view : new ByteBuffer[] {regsBytes, sregsBytes}) {
            for (int at = 0; at < view.capacity(); at++) {
                view.put(at, (byte) 0x5a);
            }
        }
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void copy(ByteBuffer from, ByteBuffer to) {
        to.put(0, from, 0, from.capacity());
    }

    @Override
    public KvmRegs regs() {
        return regs;
    }

    @Override
    public KvmSregs sregs() {
        return sregs;
    }

    @Override
    public KvmRegs getRegs() {
        copy(generalBytes, regsBytes);
        return regs;
    }

    @Override
    public void setRegs() {
        copy(regsBytes, generalBytes);
    }

    @Override
    public KvmSregs getSregs() {
        copy(specialBytes, sregsBytes);
        return sregs;
    }

    @Override
    public void setSregs() {
        copy(sregsBytes, specialBytes);
    }

    @Override
    public void setAllRegs() {
        setSregs();
        setRegs();
    }

    @Override
    public boolean setMsr(int index, long value) {
        if (acceptsMsrs) {
            msrs.put(index, value);
        }
        return acceptsMsrs;
    }
}
