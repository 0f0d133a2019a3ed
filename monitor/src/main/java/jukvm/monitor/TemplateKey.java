package jukvm.monitor;

import jukvm.abi.Dialect;
import org.jspecify.annotations.Nullable;

/**
 * What guests have in common whose memory begins alike: everything but boot info, which holds their
 * arguments and their devices' addresses.
 *
 * @param origin they are of: the very image or snapshot, which whoever starts many guests keeps
 * @param dialect they speak
 * @param ring they run at, 0 or 3
 * @param memory of theirs, in bytes
 * @param hasBlocks whether they may call block devices, which opens ports
 * @param hasNets whether they may call network devices, which opens ports
 * @param hasRing whether they are offered a network ring, which opens a port and takes the end of
 *     memory
 */
record TemplateKey(
        Object origin,
        Dialect dialect,
        int ring,
        long memory,
        boolean hasBlocks,
        boolean hasNets,
        boolean hasRing) {
    // Written out, here and in ShellKind: making those of a record takes a cold JVM 15 ms.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TemplateKey key
                && origin.equals(key.origin)
                && dialect == key.dialect
                && ring == key.ring
                && memory == key.memory
                && hasBlocks == key.hasBlocks
                && hasNets == key.hasNets
                && hasRing == key.hasRing;
    }

    @Override
    public int hashCode() {
        return 31 * origin.hashCode() + Long.hashCode(memory) + ring;
    }

    /** Returns whether guests go on from a snapshot. */
    boolean isSnapshot() {
        return origin instanceof Snapshot;
    }

    static TemplateKey of(GuestPlan plan) {
        return new TemplateKey(
                plan.snapshot().<Object>map(snapshot -> snapshot).orElse(plan.image()),
                plan.dialect(),
                plan.ring(),
                plan.memory(),
                !plan.devices().blocks().isEmpty(),
                !plan.devices().nets().isEmpty(),
                plan.devices().ring().isPresent());
    }
}
