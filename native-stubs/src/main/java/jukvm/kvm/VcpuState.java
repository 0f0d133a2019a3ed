package jukvm.kvm;

import java.util.List;
import jukvm.error.HostException;
import jukvm.libc.Fd;
import jukvm.libc.Mapping;
import org.jspecify.annotations.Nullable;

/**
 * What a vCPU keeps beside its general and special registers and that its guest can change: vector
 * and x87 registers, pending events, model-specific registers; of a guest at ring 0 also extended
 * control registers and debug registers. Given to a vCPU, nothing of what its guest did there is
 * left.
 *
 * <p>That of a new vCPU is taken once per process and ring, since all have the same CPUID.
 * Thread-safe.
 */
public final class VcpuState implements AutoCloseable {
    static final long GET_VCPU_EVENTS = Ioctl.ior(0x9f, VcpuState.EVENTS_SIZE);
    static final long SET_VCPU_EVENTS = Ioctl.iow(0xa0, VcpuState.EVENTS_SIZE);
    static final long GET_DEBUGREGS = Ioctl.ior(0xa1, VcpuState.DEBUGREGS_SIZE);
    static final long SET_DEBUGREGS = Ioctl.iow(0xa2, VcpuState.DEBUGREGS_SIZE);
    static final long GET_XSAVE = Ioctl.ior(0xa4, VcpuState.XSAVE_SIZE);
    static final long SET_XSAVE = Ioctl.iow(0xa5, VcpuState.XSAVE_SIZE);
    static final long GET_XCRS = Ioctl.ior(0xa6, VcpuState.XCRS_SIZE);
    static final long SET_XCRS = Ioctl.iow(0xa7, VcpuState.XCRS_SIZE);

    // linux/kvm.h (asm/kvm.h): struct kvm_xsave, kvm_xcrs, kvm_debugregs, kvm_vcpu_events.
    static final int XSAVE_SIZE = 4096;
    static final int XCRS_SIZE = 392;
    static final int DEBUGREGS_SIZE = 128;
    static final int EVENTS_SIZE = 64;

    private static final int AT_XSAVE = 0;
    private static final int AT_XCRS = AT_XSAVE + XSAVE_SIZE;
    private static final int AT_DEBUGREGS = AT_XCRS + XCRS_SIZE;
    private static final int AT_EVENTS = AT_DEBUGREGS + DEBUGREGS_SIZE;
    private static final int ARENA = AT_EVENTS + EVENTS_SIZE;

    private final boolean isPrivileged;
    private final Mapping arena;
    private final MsrTable msrs;
    private boolean closed;

    private VcpuState(boolean isPrivileged, Mapping arena, MsrTable msrs) {
        this.isPrivileged = isPrivileged;
        this.arena = arena;
        this.msrs = msrs;
    }

    /**
     * Takes the state of a vCPU.
     *
     * @param isPrivileged whether its guest is one of ring 0, which can change more of it
     * @param msrs the registers that can be read and set again
     * @throws HostException if the host cannot tell all of it
     */
    static VcpuState of(Fd vcpu, boolean isPrivileged, int[] msrs) {
        Mapping arena = Mapping.anonymous(ARENA);
        try {
            long address = arena.address();
            KvmCall.ioctl(vcpu, "KVM_GET_XSAVE", GET_XSAVE, address + AT_XSAVE);
            KvmCall.ioctl(vcpu, "KVM_GET_VCPU_EVENTS", GET_VCPU_EVENTS, address + AT_EVENTS);
            if (isPrivileged) {
                KvmCall.ioctl(vcpu, "KVM_GET_XCRS", GET_XCRS, address + AT_XCRS);
                KvmCall.ioctl(vcpu, "KVM_GET_DEBUGREGS", GET_DEBUGREGS, address + AT_DEBUGREGS);
            }
            Xsave.spellOut(arena.window(AT_XSAVE, XSAVE_SIZE));
            return new VcpuState(isPrivileged, arena, MsrTable.of(vcpu, msrs));
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /**
     * Makes one of what {@link #encode} returned.
     *
     * @param bytes of {@link #encodedSize}
     * @throws HostException if the host has no memory for it
     */
    static VcpuState decode(boolean isPrivileged, byte[] bytes, List<Msr> msrs) {
        if (bytes.length != encodedSize(isPrivileged)) {
            throw new IllegalArgumentException(bytes.length + " bytes");
        }
        Mapping arena = Mapping.anonymous(ARENA);
        arena.window(0, bytes.length).put(bytes);
        return new VcpuState(isPrivileged, arena, MsrTable.of(msrs));
    }

    /** Returns how many bytes the encoded form has: all but events, of which there are none. */
    static int encodedSize(boolean isPrivileged) {
        return isPrivileged ? AT_EVENTS : AT_XCRS;
    }

    /** Returns the structs that a guest of its ring can change, one after the other. */
    synchronized byte[] encode() {
        if (closed) {
            throw new IllegalStateException("the state is closed");
        }
        byte[] bytes = new byte[encodedSize(isPrivileged)];
        arena.window(0, bytes.length).get(bytes);
        return bytes;
    }

    /** Leaves out the model-specific registers that hold what those of a new vCPU do. */
    VcpuState since(VcpuState asNew) {
        MsrTable changed = MsrTable.of(msrs.changedFrom(asNew.msrs));
        msrs.close();
        return new VcpuState(isPrivileged, arena, changed);
    }

    /** Returns its model-specific registers. */
    List<Msr> msrs() {
        return msrs.entries();
    }

    /**
     * Gives the state to a vCPU.
     *
     * @param staged where events are put to be taken over at the next KVM_RUN; null where the host
     *     cannot do that
     * @param withMsrs whether model-specific registers may differ
     * @return false if it is closed
     * @throws HostException if the host does not take all of it
     */
    synchronized boolean giveTo(Fd vcpu, @Nullable KvmRun staged, boolean withMsrs) {
        if (closed) {
            return false;
        }
        long address = arena.address();
        // A host without XSAVE has no extended control registers, and refuses to set none.
        if (isPrivileged && arena.window(AT_XCRS, Integer.BYTES).getInt(0) > 0) {
            KvmCall.ioctl(vcpu, "KVM_SET_XCRS", SET_XCRS, address + AT_XCRS);
        }
        KvmCall.ioctl(vcpu, "KVM_SET_XSAVE", SET_XSAVE, address + AT_XSAVE);
        if (isPrivileged) {
            KvmCall.ioctl(vcpu, "KVM_SET_DEBUGREGS", SET_DEBUGREGS, address + AT_DEBUGREGS);
        }
        if (withMsrs) {
            msrs.giveTo(vcpu);
        }
        if (staged != null) {
            staged.stageEvents(arena.window(AT_EVENTS, EVENTS_SIZE));
        } else {
            KvmCall.ioctl(vcpu, "KVM_SET_VCPU_EVENTS", SET_VCPU_EVENTS, address + AT_EVENTS);
        }
        return true;
    }

    @Override
    public synchronized void close() {
        closed = true;
        msrs.close();
        arena.close();
    }
}
