package jukvm.kvm;

/** Why a vCPU left the guest, as far as a guest without devices of its own can cause it. */
public enum ExitReason {
    IO(2),
    DEBUG(4),
    HLT(5),
    MMIO(6),
    SHUTDOWN(8),
    FAIL_ENTRY(9),
    INTERNAL_ERROR(17),
    /** A number not listed here; {@link KvmRun#exitReasonNumber} has it. */
    UNSUPPORTED(-1);

    private final int number;

    ExitReason(int number) {
        this.number = number;
    }

    static ExitReason of(int number) {
        return switch (number) {
            case 2 -> IO;
            case 4 -> DEBUG;
            case 5 -> HLT;
            case 6 -> MMIO;
            case 8 -> SHUTDOWN;
            case 9 -> FAIL_ENTRY;
            case 17 -> INTERNAL_ERROR;
            default -> UNSUPPORTED;
        };
    }

    /** Returns the number of linux/kvm.h, KVM_EXIT_…; -1 for {@link #UNSUPPORTED}. */
    public int number() {
        return number;
    }
}
