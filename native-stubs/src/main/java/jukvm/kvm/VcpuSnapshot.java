package jukvm.kvm;

import jukvm.libc.Fd;

/** All of what a vCPU was at one moment, for other vCPUs of the process to go on from. */
public final class VcpuSnapshot implements AutoCloseable {
    private final byte[] regs;
    private final byte[] sregs;
    private final VcpuState state;

    VcpuSnapshot(byte[] regs, byte[] sregs, VcpuState state) {
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

    boolean giveState(Fd vcpu) {
        return state.giveTo(vcpu);
    }

    @Override
    public void close() {
        state.close();
    }
}
