package jukvm.hypercall;

import jukvm.call.Hypercall;
import org.jspecify.annotations.Nullable;

/** One guest's hypercalls as its dialect has them, and what is known of the guest by them. */
public interface GuestHypercalls extends Hypercalls {
    /**
     * Returns the hypercall that a call of this port would be now, null if none.
     *
     * @param port 0 to 65535
     */
    @Nullable Hypercall kind(int port);

    /**
     * Returns what answers a call of this port now, null if nothing.
     *
     * @param port 0 to 65535
     */
    @Nullable HypercallHandler handler(int port);

    /**
     * Returns whether a hypercall has this port, or may turn out to.
     *
     * @param port 0 to 65535
     */
    boolean knows(int port);

    /**
     * Counts a call that something else has answered, as when a recorded run is replayed.
     *
     * @param port 0 to 65535, of a hypercall or not
     */
    void answered(int port);

    /** Returns what the calls have told so far. */
    HypercallFacts facts();
}
