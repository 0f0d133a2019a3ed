package jukvm.daemon;

import jukvm.io.SparseSender;

/** What the signals of a command act on: its guest, or what comes before it, such as a fetch. */
@FunctionalInterface
public interface SignalTarget {
    /** Ends it, and does not wait for its end; on any thread. */
    void stop();

    /** Keeps it from going on until {@link #resume}, if it can be; on any thread. */
    default void pause() {}

    /** Lets it go on. */
    default void resume() {}

    /**
     * Has a core of it written, or refuses that; returns then. On a thread for that alone, and any
     * number of them.
     */
    default void core(SparseSender to) {
        to.refuse("has no guest yet");
    }
}
