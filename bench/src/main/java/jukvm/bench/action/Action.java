package jukvm.bench.action;

/**
 * One action that was run, by {@link System#nanoTime}.
 *
 * @param requested just before it was asked for
 * @param firstByte its first output was there; 0 if there was none
 * @param done its end and result were known
 * @param freed all it took was with the host again, as far as the caller can know
 * @param failure how it ended or printed otherwise than it must; empty if it is as it must be
 * @param start on what it was started instead of what is measured; empty if on that
 */
public record Action(
        long requested, long firstByte, long done, long freed, String failure, String start) {
    /** Makes one that was started on what is measured. */
    public Action(long requested, long firstByte, long done, long freed, String failure) {
        this(requested, firstByte, done, freed, failure, "");
    }

    /** Returns how long it took from the request to its result, in nanoseconds. */
    public long took() {
        return done - requested;
    }
}
