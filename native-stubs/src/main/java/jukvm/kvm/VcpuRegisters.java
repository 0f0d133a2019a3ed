package jukvm.kvm;

/**
 * The registers of a vCPU: views of what was last got from it, to be changed before they are given
 * to it. Belongs to a thread as {@link Vcpu} says.
 */
public interface VcpuRegisters {
    /** Returns the general registers as last got. */
    KvmRegs regs();

    /** Returns the special registers as last got. */
    KvmSregs sregs();

    /** Gets the general registers from the vCPU. */
    KvmRegs getRegs();

    /** Gives {@link #regs} to the vCPU. */
    void setRegs();

    /** Gets the special registers from the vCPU. */
    KvmSregs getSregs();

    /** Gives {@link #sregs} to the vCPU. */
    void setSregs();

    /**
     * Gives {@link #regs} and {@link #sregs} to the vCPU: when it is run next where the host can do
     * that, which saves two calls, or else now.
     */
    void setAllRegs();

    /**
     * Sets a model-specific register.
     *
     * @return whether KVM knows the register and accepts the value
     */
    boolean setMsr(int index, long value);
}
