package jukvm.control;

import jukvm.guest.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Where one run stands, and why it is to stop. All threads that race to start, stop and end a run
 * meet here; whatever one of them has to do about it follows from what it is answered.
 *
 * <p>Thread-safe.
 */
public final class RunState {
    /** How far a run has come. */
    public enum Phase {
        /** It was asked for, and has no VM yet. */
        WAITING,
        /** It is somebody's to end: a VM's thread, or who stopped it before it had one. */
        STARTED,
        /** It did not come back in time after it was stopped; its result is delivered. */
        ABANDONED,
        /** Nothing is left that could be stopped. */
        ENDED
    }

    /** What whoever stops a run finds. */
    enum Stop {
        /** It waits no more, and is the caller's to end: no VM's thread will. */
        UNSTARTED,
        /** It is told for the first time. */
        FIRST,
        /** It has been told before, for a reason that counts. */
        AGAIN,
        /** It has ended. */
        LATE
    }

    // Changed under the lock, read without.
    private volatile Phase phase = Phase.WAITING;
    private volatile @Nullable Outcome reason;

    /** Returns whether the run is the caller's to start: it was neither started nor stopped. */
    public synchronized boolean start() {
        boolean isMine = phase == Phase.WAITING;
        if (isMine) {
            phase = Phase.STARTED;
        }
        return isMine;
    }

    /** Says that the run is to stop; the first reason counts. */
    public synchronized Stop stop(Outcome why) {
        if (phase == Phase.ENDED) {
            return Stop.LATE;
        }
        if (reason != null) {
            return Stop.AGAIN;
        }
        reason = why;
        return start() ? Stop.UNSTARTED : Stop.FIRST;
    }

    /**
     * Gives up waiting for a run that was stopped.
     *
     * @return the reason, with which its result is the caller's to deliver; null if it has ended
     */
    synchronized @Nullable Outcome abandon() {
        if (phase != Phase.STARTED || reason == null) {
            return null;
        }
        phase = Phase.ABANDONED;
        return reason;
    }

    /** Ends a run that was started; whether its result is still to be delivered. */
    synchronized boolean end() {
        boolean isUndelivered = phase == Phase.STARTED;
        phase = Phase.ENDED;
        return isUndelivered;
    }

    /** Returns why it is to stop, null as long as it is not. */
    public @Nullable Outcome reason() {
        return reason;
    }

    /** Returns how far it has come. */
    public Phase phase() {
        return phase;
    }
}
