package jukvm.run;

import java.util.concurrent.CompletableFuture;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.io.SparseOutput;
import jukvm.vm.SnapshotState;
import org.jspecify.annotations.Nullable;

/** One run, from its request to its result, wherever its guest runs. Thread-safe. */
public interface GuestSession {
    /** Has its deadline count, from when the run was asked for; once, before {@link #begin}. */
    void request();

    /** Begins it; nothing if it was stopped meanwhile. */
    void begin();

    /** Stops it with {@link Outcome.Cancelled}; from any thread, any number of times. */
    void cancel();

    /** Gives the guest no turn on a processor until {@link #resume}. */
    void pause();

    /** Lets the guest go on, if it was paused. */
    void resume();

    /**
     * Writes a core of the guest as it is, which stands still meanwhile; from any thread but its
     * own.
     *
     * @throws jukvm.error.ConfigException if there is none to be had now
     * @throws jukvm.error.HostException if it cannot be written
     */
    void core(SparseOutput to);

    /**
     * Returns what is complete once the guest has ended, by its result or what the embedder's
     * console or devices threw.
     */
    CompletableFuture<RunResult> result();

    /**
     * Asks for a snapshot of the guest, which goes on.
     *
     * @return what is complete once the guest has come to its next hypercall, or has ended; whoever
     *     cancels it has none
     * @throws jukvm.error.ConfigException if none can be had where the guest runs
     */
    CompletableFuture<SnapshotState> branch();

    /** Returns the snapshot that was taken, null if its point was not reached. */
    @Nullable SnapshotState snapshot();
}
