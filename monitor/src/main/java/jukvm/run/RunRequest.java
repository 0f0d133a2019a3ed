package jukvm.run;

import java.lang.ref.WeakReference;
import java.util.Set;
import jukvm.abi.DeviceType;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.control.Limits;
import jukvm.device.Devices;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.memory.ChargedMemory;
import jukvm.vm.PageTableKey;
import jukvm.vm.SnapshotState;
import jukvm.vm.TemplateKey;
import jukvm.vm.VmKind;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of one run, checked. Immutable, but for what its image's reader owns.
 *
 * @param image of the guest
 * @param dialect it speaks
 * @param memory of its VM in bytes, a network ring included
 * @param charged that memory, null if the monitor answers for it
 * @param commandLine its arguments, joined
 * @param privilege it runs at
 * @param limits of what it may use
 * @param snapshot it goes on from, null if it is no clone
 * @param stopAt where it is stopped for a snapshot, null if it is not
 * @param requestedAt when that was asked for, by {@link System#nanoTime}
 */
public record RunRequest(
        GuestImage image,
        Dialect dialect,
        long memory,
        @Nullable ChargedMemory charged,
        String commandLine,
        PrivilegeLevel privilege,
        Limits limits,
        @Nullable SnapshotState snapshot,
        @Nullable SnapshotPoint stopAt,
        long requestedAt) {
    /** Returns when the image was read, or this was asked for if that was later. */
    public long imageReadAt() {
        return Math.max(requestedAt, image.readAt());
    }

    /** Returns what a VM must be like for the guest. */
    VmKind vmKind() {
        return VmKind.of(memory, image.segments(), privilege);
    }

    /** Returns what the guest's page tables follow from. */
    PageTableKey tables() {
        return new PageTableKey(image.segments(), dialect.ownsLowMemory());
    }

    /**
     * Returns what the guest has in common with others.
     *
     * @param origin it is of, its image or snapshot
     * @param devices it is attached to
     */
    TemplateKey templateKey(Object origin, Devices devices) {
        return new TemplateKey(
                new WeakReference<>(origin),
                System.identityHashCode(origin),
                snapshot != null,
                dialect,
                privilege,
                memory,
                devices.isEmpty() ? Set.of() : DeviceType.among(devices),
                devices.ring().isPresent());
    }

    /**
     * Returns what it is started on.
     *
     * @param isKept whether its VM was another guest's before
     */
    RunResult.Start startedOn(boolean isKept) {
        if (snapshot != null) {
            return isKept ? RunResult.Start.SNAPSHOT : RunResult.Start.COLD_SNAPSHOT;
        }
        return isKept ? RunResult.Start.POOLED : RunResult.Start.COLD;
    }
}
