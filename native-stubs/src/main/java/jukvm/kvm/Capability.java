package jukvm.kvm;

/** A KVM capability jukvm asks about. Source: linux/kvm.h, KVM_CAP_…. */
public enum Capability {
    USER_MEMORY(3),
    NR_MEMSLOTS(10),
    GET_TSC_KHZ(61),
    SYNC_REGS(74),
    READONLY_MEM(81),
    IMMEDIATE_EXIT(136),
    X86_TRIPLE_FAULT_EVENT(218);

    private final int number;

    Capability(int number) {
        this.number = number;
    }

    /** Returns the number of linux/kvm.h. */
    public int number() {
        return number;
    }
}
