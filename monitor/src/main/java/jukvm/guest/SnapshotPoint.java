package jukvm.guest;

import jukvm.call.Hypercall;
import jukvm.monitor.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * Where a guest is stopped for a {@link Snapshot}: always at a hypercall, which each clone makes
 * first of all.
 */
public final class SnapshotPoint {
    private final long after;
    private final @Nullable Hypercall kind;

    private SnapshotPoint(long after, @Nullable Hypercall kind) {
        this.after = after;
        this.kind = kind;
    }

    /** Returns the point at which the guest first waits, as a server does once it is ready. */
    public static SnapshotPoint firstPoll() {
        return new SnapshotPoint(0, Hypercall.POLL);
    }

    /**
     * Returns the point at which the guest makes its next hypercall after so many.
     *
     * @param count of hypercalls that are answered before, 0 or more
     * @throws IllegalArgumentException if it is negative
     */
    public static SnapshotPoint afterHypercalls(long count) {
        if (count < 0) {
            throw new IllegalArgumentException("count=" + count);
        }
        return new SnapshotPoint(count, null);
    }

    /** Returns whether a hypercall is the point, {@code made} having been answered before. */
    public boolean isReached(long made, @Nullable Hypercall next) {
        return kind == null ? made >= after : next == kind;
    }

    @Override
    public String toString() {
        return kind == null ? "hypercall " + (after + 1) : "its first poll";
    }
}
