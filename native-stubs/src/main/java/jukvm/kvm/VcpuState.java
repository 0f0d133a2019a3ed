package jukvm.kvm;

import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.libc.Fd;
import jukvm.libc.Mapping;
import org.jspecify.annotations.Nullable;

/**
 * What a vCPU keeps beside its general and special registers: vector and x87 registers, extended
 * control registers, debug registers, pending events, model-specific registers and the offset of
 * its time-stamp counter. Given to a vCPU, nothing of what its guest did there is left.
 *
 * <p>That of a new vCPU is taken once per process, since all have the same CPUID. Thread-safe.
 */
public final class VcpuState implements AutoCloseable {
    private static final long GET_MSR_INDEX_LIST = Ioctl.iowr(0x02, 4);
    private static final long GET_MSRS = Ioctl.iowr(0x88, KvmMsrs.SIZE);
    static final long SET_MSRS = Ioctl.iow(0x89, KvmMsrs.SIZE);
    private static final long GET_VCPU_EVENTS = Ioctl.ior(0x9f, VcpuState.EVENTS_SIZE);
    private static final long SET_VCPU_EVENTS = Ioctl.iow(0xa0, VcpuState.EVENTS_SIZE);
    private static final long GET_DEBUGREGS = Ioctl.ior(0xa1, VcpuState.DEBUGREGS_SIZE);
    private static final long SET_DEBUGREGS = Ioctl.iow(0xa2, VcpuState.DEBUGREGS_SIZE);
    private static final long GET_XSAVE = Ioctl.ior(0xa4, VcpuState.XSAVE_SIZE);
    private static final long SET_XSAVE = Ioctl.iow(0xa5, VcpuState.XSAVE_SIZE);
    private static final long GET_XCRS = Ioctl.ior(0xa6, VcpuState.XCRS_SIZE);
    private static final long SET_XCRS = Ioctl.iow(0xa7, VcpuState.XCRS_SIZE);

    // linux/kvm.h (asm/kvm.h): struct kvm_xsave, kvm_xcrs, kvm_debugregs, kvm_vcpu_events.
    static final int XSAVE_SIZE = 4096;
    static final int XCRS_SIZE = 392;
    static final int DEBUGREGS_SIZE = 128;
    static final int EVENTS_SIZE = 64;

    private static final int AT_XSAVE = 0;
    private static final int AT_XCRS = AT_XSAVE + XSAVE_SIZE;
    private static final int AT_DEBUGREGS = AT_XCRS + XCRS_SIZE;
    private static final int AT_EVENTS = AT_DEBUGREGS + DEBUGREGS_SIZE;
    private static final int AT_MSRS = AT_EVENTS + EVENTS_SIZE;
    private static final int MAX_MSRS = 1024;
    private static final int ARENA = AT_MSRS + KvmMsrs.SIZE + MAX_MSRS * KvmMsrs.ENTRY_SIZE;

    // The counter itself runs on; its offset is what a guest can change.
    private static final int MSR_IA32_TSC = 0x10;

    private final Mapping arena;
    private final int msrs;
    private boolean closed;

    private VcpuState(Mapping arena, int msrs) {
        this.arena = arena;
        this.msrs = msrs;
    }

    /**
     * Takes the state of a vCPU.
     *
     * @throws HostException if the host cannot tell all of it
     */
    static VcpuState of(Fd kvm, Fd vcpu) {
        Mapping arena = Mapping.anonymous(ARENA);
        try {
            long address = arena.address();
            vcpu.ioctl("KVM_GET_XSAVE", GET_XSAVE, address + AT_XSAVE);
            vcpu.ioctl("KVM_GET_XCRS", GET_XCRS, address + AT_XCRS);
            vcpu.ioctl("KVM_GET_DEBUGREGS", GET_DEBUGREGS, address + AT_DEBUGREGS);
            vcpu.ioctl("KVM_GET_VCPU_EVENTS", GET_VCPU_EVENTS, address + AT_EVENTS);
            return new VcpuState(arena, takeMsrs(kvm, vcpu, arena));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    // Of those KVM lists, some cannot be read or not be written on this host.
    private static int takeMsrs(Fd kvm, Fd vcpu, Mapping arena) {
        ByteBuffer list = arena.window(AT_MSRS, Integer.BYTES * (MAX_MSRS + 1L));
        list.putInt(0, MAX_MSRS);
        kvm.ioctl("KVM_GET_MSR_INDEX_LIST", GET_MSR_INDEX_LIST, arena.address() + AT_MSRS);
        int[] indexes = new int[list.getInt(0)];
        for (int i = 0; i < indexes.length; i++) {
            indexes[i] = list.getInt(Integer.BYTES * (i + 1));
        }
        try (Mapping one = Mapping.anonymous(KvmMsrs.SIZE + KvmMsrs.ENTRY_SIZE)) {
            ByteBuffer at = one.window(0, one.length());
            ByteBuffer all = arena.window(AT_MSRS, ARENA - AT_MSRS);
            int count = 0;
            for (int index : indexes) {
                new KvmMsrs(at).put(index, 0);
                boolean works =
                        index != MSR_IA32_TSC
                                && vcpu.ioctl("KVM_GET_MSRS", GET_MSRS, one.address()) == 1
                                && vcpu.ioctl("KVM_SET_MSRS", SET_MSRS, one.address()) == 1;
                if (works) {
                    int entry = KvmMsrs.SIZE + count * KvmMsrs.ENTRY_SIZE;
                    all.putLong(entry, Integer.toUnsignedLong(index));
                    all.putLong(entry + 8, at.getLong(KvmMsrs.DATA));
                    count++;
                }
            }
            all.putInt(0, count).putInt(4, 0);
            return count;
        }
    }

    /** Returns the pending events, a struct kvm_vcpu_events. */
    ByteBuffer events() {
        return arena.window(AT_EVENTS, EVENTS_SIZE);
    }

    /**
     * Gives to a vCPU what a guest at ring 3 can change of all this: vector and x87 registers, and
     * pending events.
     *
     * @param staged where events are put to be taken over at the next KVM_RUN; null where the host
     *     cannot do that
     * @return false if it is closed
     * @throws HostException if the host does not take all of it
     */
    synchronized boolean giveUnprivileged(Fd vcpu, @Nullable KvmRun staged) {
        if (closed) {
            return false;
        }
        vcpu.ioctl("KVM_SET_XSAVE", SET_XSAVE, arena.address() + AT_XSAVE);
        if (staged != null) {
            staged.stageEvents(events());
        } else {
            vcpu.ioctl("KVM_SET_VCPU_EVENTS", SET_VCPU_EVENTS, arena.address() + AT_EVENTS);
        }
        return true;
    }

    /**
     * Gives the state to a vCPU.
     *
     * @return false if it is closed
     * @throws HostException if the host does not take all of it
     */
    synchronized boolean giveTo(Fd vcpu) {
        if (closed) {
            return false;
        }
        long address = arena.address();
        vcpu.ioctl("KVM_SET_XCRS", SET_XCRS, address + AT_XCRS);
        vcpu.ioctl("KVM_SET_XSAVE", SET_XSAVE, address + AT_XSAVE);
        vcpu.ioctl("KVM_SET_DEBUGREGS", SET_DEBUGREGS, address + AT_DEBUGREGS);
        int given = vcpu.ioctl("KVM_SET_MSRS", SET_MSRS, address + AT_MSRS);
        if (given != msrs) {
            throw new HostException(
                    "KVM vCPU: KVM_SET_MSRS", "took " + given + " of " + msrs, 0, "");
        }
        vcpu.ioctl("KVM_SET_VCPU_EVENTS", SET_VCPU_EVENTS, address + AT_EVENTS);
        return true;
    }

    @Override
    public synchronized void close() {
        closed = true;
        arena.close();
    }
}
