package jukvm.kvm;

import jukvm.libc.Fd;
import org.jspecify.annotations.Nullable;

/** All of what a vCPU was at one moment, for other vCPUs of the process to go on from. */
public final class VcpuSnapshot implements AutoCloseable {
    private final byte[] regs;
    private final byte[] sregs;
    private final VcpuState state;
    private final boolean isPrivileged;

    VcpuSnapshot(byte[] regs, byte[] sregs, VcpuState state, boolean isPrivileged) {
        this.isPrivileged = isPrivileged;
        this.regs = regs;
        this.sregs = sregs;
        this.state = state;
    }

    byte[] regs() {
        return regs;
    }

    byte[] sregs() {
        return sregs;
    }

    boolean giveState(Fd vcpu, @Nullable KvmRun staged) {
        return isPrivileged ? state.giveTo(vcpu) : state.giveUnprivileged(vcpu, staged);
    }

    /** Returns whether registers may be among it that a guest at ring 3 cannot reach. */
    boolean isPrivileged() {
        return isPrivileged;
    }

    @Override
    public void close() {
        state.close();
    }
}
