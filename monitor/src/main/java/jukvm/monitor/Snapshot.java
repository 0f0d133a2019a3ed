package jukvm.monitor;

import jukvm.vm.SnapshotState;

/**
 * A guest that was stopped at a point of its life, from which any number of clones go on: {@link
 * Monitor#snapshot} takes it, {@link GuestSpec#of(Snapshot)} starts clones. Memory is shared
 * copy-on-write, so a clone costs what it changes.
 *
 * <p>What clones share is more than most guests expect. <b>Entropy:</b> a random generator that was
 * seeded before the point gives every clone the same numbers, keys included; take the snapshot
 * before the guest draws any, or have each clone seed again. <b>Clocks:</b> the wall clock is right
 * in each clone; the time-stamp counter runs on, so that a clone's monotonic clock jumps by the
 * time since the snapshot. <b>Devices:</b> a clone has devices of its own, by the same names, with
 * the same addresses and sizes, since the guest knows them already; what it had read of them, or
 * written to them, before the point is as it was then. <b>Arguments</b> were read before.
 *
 * <p>Thread-safe.
 */
public final class Snapshot implements AutoCloseable {
    private final SnapshotState state;

    Snapshot(SnapshotState state) {
        this.state = state;
    }

    SnapshotState state() {
        return state;
    }

    /** Returns the memory of each clone, in bytes. */
    public long memory() {
        return state.memory();
    }

    /** Returns how much memory of the host it takes itself, in bytes: pages that are not zero. */
    public long bytes() {
        return state.bytes();
    }

    /** Gives its memory back. Clones that run are not concerned; others cannot be started. */
    @Override
    public void close() {
        state.close();
    }
}
