package jukvm.replay;

import java.util.Arrays;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;

/**
 * How a recorded run ended.
 *
 * @param kind word for the kind of its outcome, empty if the recording was not finished; hostile
 * @param message of its outcome; hostile
 * @param status it exited with, 0 if it did not
 * @param digest of its memory, in hexadecimal; empty if the guest was stopped wherever it was
 */
public record RecordedEnd(String kind, String message, long status, String digest) {
    /** That of a recording whose writer did not come to an end. */
    static final RecordedEnd NONE = new RecordedEnd("", "", 0, "");

    /** Returns whether the recording tells of an end. */
    boolean isKnown() {
        return !kind.isEmpty();
    }

    /** Returns whether the guest ended by itself, so that it does again. */
    public boolean isOwn() {
        return Arrays.stream(OutcomeKind.values())
                .anyMatch(known -> RunRecorder.isOwnEnd(known) && known.toString().equals(kind));
    }

    /** Returns whether an outcome is the same. */
    boolean is(Outcome outcome) {
        return kind.equals(outcome.kind().toString())
                && status == outcome.exitStatus().orElse(0)
                && message.equals(outcome.message());
    }
}
