package jukvm.kvm;

/**
 * linux/kvm.h (asm/kvm.h), struct kvm_guest_debug, x86-64: what of a vCPU's guest ends KVM_RUN for
 * a debugger, among it what the debug registers have that the vCPU runs with then.
 */
final class KvmGuestDebug {
    static final int SIZE = 72;
    static final int CONTROL = 0;
    static final int DEBUGREG = 8; // u64[8]

    static final int ENABLE = 1;
    static final int SINGLESTEP = 2;
    static final int USE_SW_BP = 0x10000;
    static final int USE_HW_BP = 0x20000;

    private KvmGuestDebug() {}
}
