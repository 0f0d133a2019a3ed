package jukvm.monitor;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Where one run stands, and why it is to stop. All threads that race to start, stop and end a run
 * meet here; whatever one of them has to do about it follows from what it is answered.
 *
 * <p>Thread-safe.
 */
final class RunState {
    /** How far a run has come. */
    enum Phase {
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

    private record Standing(Phase phase, @Nullable Outcome reason) {}

    private final AtomicReference<Standing> standing =
            new AtomicReference<>(new Standing(Phase.WAITING, null));

    /** Returns whether the run is the caller's to start: it was neither started nor stopped. */
    boolean start() {
        Standing now = standing.get();
        return now.phase == Phase.WAITING
                && standing.compareAndSet(now, new Standing(Phase.STARTED, now.reason));
    }

    /** Says that the run is to stop; the first reason counts. */
    Stop stop(Outcome reason) {
        while (true) {
            Standing now = standing.get();
            if (now.phase == Phase.ENDED) {
                return Stop.LATE;
            }
            if (now.reason != null) {
                return Stop.AGAIN;
            }
            Phase next = now.phase == Phase.WAITING ? Phase.STARTED : now.phase;
            if (standing.compareAndSet(now, new Standing(next, reason))) {
                return now.phase == Phase.WAITING ? Stop.UNSTARTED : Stop.FIRST;
            }
        }
    }

    /**
     * Gives up waiting for a run that was stopped.
     *
     * @return the reason, with which its result is the caller's to deliver; null if it has ended
     */
    @Nullable Outcome abandon() {
        Standing now = standing.get();
        while (now.phase == Phase.STARTED && now.reason != null) {
            if (standing.compareAndSet(now, new Standing(Phase.ABANDONED, now.reason))) {
                return now.reason;
            }
            now = standing.get();
        }
        return null;
    }

    /** Ends a run that was started; whether its result is still to be delivered. */
    boolean end() {
        return standing.getAndUpdate(now -> new Standing(Phase.ENDED, now.reason)).phase
                == Phase.STARTED;
    }

    /** Returns why it is to stop, null as long as it is not. */
    @Nullable Outcome reason() {
        return standing.get().reason;
    }

    /** Returns how far it has come. */
    Phase phase() {
        return standing.get().phase;
    }
}
