package jukvm.kvm;

import java.util.List;
import jukvm.libc.Fd;
import org.jspecify.annotations.Nullable;

/**
 * All of what a vCPU was at one moment, for other vCPUs to go on from, which are as new. Immutable
 * but for {@link #close}; thread-safe.
 */
public final class VcpuSnapshot implements AutoCloseable {
    private final byte[] regs;
    private final byte[] sregs;
    private final VcpuState state;
    private final long counter;

    VcpuSnapshot(byte[] regs, byte[] sregs, VcpuState state, long counter) {
        this.regs = regs;
        this.sregs = sregs;
        this.state = state;
        this.counter = counter;
    }

    /**
     * Makes one of what was {@linkplain #state taken apart}.
     *
     * @param isPrivileged whether its guest is one of ring 0
     * @param regs of {@link KvmRegs#SIZE} bytes
     * @param sregs of {@link KvmSregs#SIZE} bytes
     * @param state of {@link #stateSize} bytes; what is impossible in it KVM refuses
     * @param msrs those that differ from a new vCPU's
     * @param counter as {@link #counter} has it
     * @throws jukvm.error.HostException if the host has no memory for it
     */
    public static VcpuSnapshot of(
            boolean isPrivileged,
            byte[] regs,
            byte[] sregs,
            byte[] state,
            List<Msr> msrs,
            long counter) {
        VcpuState kept = VcpuState.decode(isPrivileged, state, msrs);
        return new VcpuSnapshot(regs.clone(), sregs.clone(), kept, counter);
    }

    /** Returns the general registers, a struct of {@link KvmRegs#SIZE} bytes. */
    public byte[] regs() {
        return regs.clone();
    }

    /** Returns the special registers, a struct of {@link KvmSregs#SIZE} bytes. */
    public byte[] sregs() {
        return sregs.clone();
    }

    /**
     * Returns vector and x87 registers, of a guest at ring 0 also extended control registers and
     * debug registers. There are no pending events where a vCPU is taken.
     *
     * @throws IllegalStateException if it is closed
     */
    public byte[] state() {
        return state.encode();
    }

    /** Returns how many bytes {@link #state} has. */
    public static int stateSize(boolean isPrivileged) {
        return VcpuState.encodedSize(isPrivileged);
    }

    /** Returns the model-specific registers that differ from those of a new vCPU. */
    public List<Msr> msrs() {
        return state.msrs();
    }

    /**
     * Returns what the time-stamp counter was, which is in none of the others: vCPUs that go on
     * from here never show less.
     */
    public long counter() {
        return counter;
    }

    boolean giveState(Fd vcpu, @Nullable KvmRun staged) {
        return state.giveTo(vcpu, staged, hasMsrs());
    }

    /** Returns whether its guest has changed model-specific registers. */
    boolean hasMsrs() {
        return !state.msrs().isEmpty();
    }

    @Override
    public void close() {
        state.close();
    }
}
