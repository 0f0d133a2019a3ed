package jukvm.kvm;

import jukvm.libc.Fd;
import org.jspecify.annotations.Nullable;

/** All of what a vCPU was at one moment, for other vCPUs of the process to go on from. */
public final class VcpuSnapshot implements AutoCloseable {
    private final byte[] regs;
    private final byte[] sregs;
    private final VcpuState state;
    private final boolean hasMsrs;

    VcpuSnapshot(byte[] regs, byte[] sregs, VcpuState state, boolean hasMsrs) {
        this.hasMsrs = hasMsrs;
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
        return state.giveTo(vcpu, staged, hasMsrs);
    }

    /** Returns whether its guest may have changed model-specific registers. */
    boolean hasMsrs() {
        return hasMsrs;
    }

    @Override
    public void close() {
        state.close();
    }
}
