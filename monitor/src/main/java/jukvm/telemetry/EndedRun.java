package jukvm.telemetry;

import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.guest.Counters;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.guest.RunResult;
import jukvm.guest.Timeline;
import org.jspecify.annotations.Nullable;

/**
 * A run at its end, for whoever counts and records guests.
 *
 * @param guest its name
 * @param privilege it ran at
 * @param memory of its VM in bytes
 * @param outcome how it ended; null if something was thrown instead
 * @param thrown by the console or a device of the embedder's
 * @param timeline when its phases ended
 * @param counters what it did
 * @param dialect it spoke
 * @param start what it was started on
 */
public record EndedRun(
        String guest,
        PrivilegeLevel privilege,
        long memory,
        @Nullable Outcome outcome,
        @Nullable Throwable thrown,
        Timeline timeline,
        Counters counters,
        Dialect dialect,
        RunResult.Start start) {

    OutcomeKind kind() {
        return outcome == null ? OutcomeKind.THROWN : outcome.kind();
    }

    /**
     * Returns what the guest passed to HALT, as the operator sees it; 0 if it did not get there.
     */
    int status() {
        return outcome == null ? 0 : outcome.exitStatus().orElse(0);
    }

    /** Returns what happened, in a line. */
    String message() {
        return outcome == null ? String.valueOf(thrown) : outcome.message();
    }

    /** Returns what the run's caller gets; for a guest that has an outcome. */
    public RunResult result(Outcome had) {
        return new RunResult(had, timeline, counters, privilege, dialect, start);
    }
}
