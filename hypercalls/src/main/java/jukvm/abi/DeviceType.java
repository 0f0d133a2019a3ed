package jukvm.abi;

/** The kinds of device a manifest can declare. Source: mft_abi.h, enum mft_type. */
public enum DeviceType {
    BLOCK_BASIC(1),
    NET_BASIC(2);

    /** The type of the first entry of every manifest, and the first of those kept for bindings. */
    static final int RESERVED_FIRST = 0x40000000;

    private final int number;

    DeviceType(int number) {
        this.number = number;
    }

    /** Returns the number of mft_abi.h. */
    public int number() {
        return number;
    }
}
