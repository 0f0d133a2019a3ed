package jukvm.abi;

import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import jukvm.device.Devices;

/**
 * The kinds of device that a manifest can declare, all of them. Source: mft_abi.h, enum mft_type.
 */
public enum DeviceType {
    BLOCK_BASIC(1, new BlockKind()),
    NET_BASIC(2, new NetKind());

    /** The type of the first entry of every manifest, and the first of those kept for bindings. */
    static final int RESERVED_FIRST = 0x40000000;

    private final int number;

    // A kind has no state but the two classes it is made with.
    @SuppressWarnings("ImmutableEnumChecker")
    private final DeviceKind<?, ?> kind;

    DeviceType(int number, DeviceKind<?, ?> kind) {
        this.number = number;
        this.kind = kind;
    }

    /** Returns the type of a number of mft_abi.h; empty if none has it. */
    public static Optional<DeviceType> numbered(int number) {
        for (DeviceType type : values()) {
            if (type.number == number) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** Returns the types of the devices that a guest has. */
    public static Set<DeviceType> among(Devices devices) {
        Set<DeviceType> types = EnumSet.noneOf(DeviceType.class);
        for (DeviceType type : values()) {
            if (!devices.all(type.kind.attached()).isEmpty()) {
                types.add(type);
            }
        }
        return types;
    }

    /** Returns all types with their numbers, for messages. */
    static String known() {
        StringJoiner known = new StringJoiner(", ");
        for (DeviceType type : values()) {
            known.add(type.number + " (" + type + ")");
        }
        return known.toString();
    }

    /** Returns the number of mft_abi.h. */
    public int number() {
        return number;
    }

    /** Returns what there is to know of devices of this type. */
    public DeviceKind<?, ?> kind() {
        return kind;
    }
}
