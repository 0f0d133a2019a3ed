package jukvm.telemetry;

import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.Hypercalls;

/**
 * The events of one guest. Only {@link FlightRecording} may touch this class, which loads the
 * recorder.
 */
final class GuestEvents {
    private final StartEvent start = new StartEvent();
    private final EndEvent end = new EndEvent();
    private boolean hasBegun;
    private boolean isEntered;

    /** Begins the start, which ends when the guest is entered. */
    void begun() {
        hasBegun = true;
        start.begin();
    }

    /** Returns hypercalls that record themselves, if a recording wants that now; else the same. */
    static Hypercalls recorded(String guest, GuestHypercalls kinds, Hypercalls calls) {
        return new HypercallEvent().isEnabled()
                ? new RecordedHypercalls(guest, kinds, calls)
                : calls;
    }

    /** Ends the start, and begins what ends with the guest. */
    void entered() {
        isEntered = true;
        start.end();
        end.begin();
    }

    /** Ends the guest's own time. */
    void left() {
        end.end();
    }

    /** Gives both to the recorder, with all that is known now. */
    void ended(EndedRun ended) {
        if (hasBegun && !isEntered) {
            start.end();
        }
        if (hasBegun && start.shouldCommit()) {
            start.fill(ended);
            start.commit();
        }
        if (end.shouldCommit()) {
            end.fill(ended);
            end.commit();
        }
    }
}
