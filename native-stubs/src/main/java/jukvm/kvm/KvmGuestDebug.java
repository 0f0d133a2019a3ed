package jukvm.kvm;

/**
 * linux/kvm.h (asm/kvm.h), struct kvm_guest_debug, x86-64: what of a vCPU's guest ends KVM_RUN for
 * a debugger. Its debug registers are not used: a KVM that emulates does not look at them.
 */
final class KvmGuestDebug {
    static final int SIZE = 72;
    static final int CONTROL = 0;

    static final int ENABLE = 1;
    static final int SINGLESTEP = 2;
    static final int USE_SW_BP = 0x10000;

    private KvmGuestDebug() {}
}
