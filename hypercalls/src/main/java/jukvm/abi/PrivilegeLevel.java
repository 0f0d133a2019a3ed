package jukvm.abi;

/** The privilege level that a guest runs at, which x86 calls its ring. Source: SDM 3A, 5.5. */
public enum PrivilegeLevel {
    /** Solo5's own: the guest owns its processor. */
    RING_0(0),

    /** An application's: privileged instructions trap and are emulated. */
    RING_3(3);

    private final int number;

    PrivilegeLevel(int number) {
        this.number = number;
    }

    /** Returns the number of the ring. */
    public int number() {
        return number;
    }

    /** Returns the number, as messages have it. */
    @Override
    public String toString() {
        return Integer.toString(number);
    }
}
