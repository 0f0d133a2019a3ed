package jukvm.vm;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.Devices;
import jukvm.hypercall.GuestHypercalls;
import jukvm.image.GuestImage;

/**
 * The guest that a snapshot is taken of.
 *
 * @param image it is of
 * @param dialect it speaks
 * @param privilege it runs at
 * @param memory of it in bytes
 * @param devices it was told of: its manifest as it read it; nothing in dialects that ask for it
 * @param ports of its hypercalls
 */
public record SnapshotOrigin(
        GuestImage image,
        Dialect dialect,
        PrivilegeLevel privilege,
        long memory,
        ByteBuffer devices,
        List<Integer> ports) {
    private static final int PORTS = 1 << 16;

    /**
     * Makes one of a guest as it was run.
     *
     * @param attached what it is attached to
     * @param calls it can make
     */
    public static SnapshotOrigin of(
            GuestImage image,
            Dialect dialect,
            GuestVm vm,
            PrivilegeLevel privilege,
            Devices attached,
            GuestHypercalls calls) {
        return new SnapshotOrigin(
                image,
                dialect,
                privilege,
                vm.memory().size(),
                encode(image, attached),
                IntStream.range(0, PORTS).filter(calls::knows).boxed().toList());
    }

    /** Returns what a guest of an image is told of its devices. */
    static ByteBuffer encode(GuestImage image, Devices attached) {
        if (!image.dialect().isMarked()) {
            return ByteBuffer.allocate(0);
        }
        ByteBuffer encoded = ByteBuffer.allocate(image.manifest().encodedSize());
        image.manifest().encode(encoded.order(ByteOrder.LITTLE_ENDIAN), attached);
        return encoded;
    }
}
