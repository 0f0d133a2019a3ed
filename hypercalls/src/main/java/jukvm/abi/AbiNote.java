package jukvm.abi;

import java.nio.ByteBuffer;
import jukvm.error.ImageException;

/**
 * The content of a guest image's ABI1 note: which tender it is built for. Source: elf_abi.h, struct
 * abi1_info.
 *
 * @param target number of the Solo5 target
 * @param version of the target's ABI
 */
public record AbiNote(int target, int version) {
    /** The type word of the note. */
    public static final int TYPE = 0x31494241;

    /** The alignment of its content in the file, in bytes. */
    public static final int ALIGNMENT = 4;

    /** The longest descriptor accepted, in bytes. */
    public static final int MAX_DESCRIPTOR = 32;

    /** The target this monitor is. */
    public static final int HVT = 1;

    private static final int MIN_SIZE = 8;

    /**
     * Parses the note's content.
     *
     * @throws ImageException if it is too short
     */
    public static AbiNote parse(ByteBuffer content) {
        if (content.remaining() < MIN_SIZE) {
            throw ImageException.invalid(
                    "Solo5 ABI note has "
                            + content.remaining()
                            + " bytes of content, need at least "
                            + MIN_SIZE);
        }
        return new AbiNote(content.getInt(0), content.getInt(4));
    }

    /** Returns the target's name as Solo5 spells it. */
    public String targetName() {
        return switch (target) {
            case HVT -> "hvt";
            case 2 -> "spt";
            case 3 -> "virtio";
            case 4 -> "muen";
            case 5 -> "genode";
            case 6 -> "xen";
            default -> "unknown target " + Integer.toUnsignedString(target);
        };
    }
}
