package jukvm.guest;

/** The kinds of end a guest can have, to count them by. */
public enum OutcomeKind {
    /** {@link Outcome.Exited}, with whatever status. */
    EXITED("exited"),

    /** {@link Outcome.Aborted}. */
    ABORTED("aborted"),

    /** {@link Outcome.Faulted}. */
    FAULTED("faulted"),

    /** {@link Outcome.DeadlineExpired}. */
    DEADLINE("deadline"),

    /** {@link Outcome.LimitExceeded}. */
    LIMIT("limit"),

    /** {@link Outcome.Cancelled}. */
    CANCELLED("cancelled"),

    /** {@link Outcome.Snapshotted}. */
    SNAPSHOT("snapshot"),

    /** {@link Outcome.HostError}. */
    HOST_ERROR("host-error"),

    /** {@link Outcome.WorkerDied}. */
    WORKER_DIED("worker-died"),

    /**
     * No outcome: the embedder's console, or a device of its, threw, while the guest ran or at its
     * end, and the future is completed by that.
     */
    THROWN("thrown");

    private final String word;

    OutcomeKind(String word) {
        this.word = word;
    }

    /** Returns the word for it in reports and recordings, as in {@code host-error}. */
    @Override
    public String toString() {
        return word;
    }
}
