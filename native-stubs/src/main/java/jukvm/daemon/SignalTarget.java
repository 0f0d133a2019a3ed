package jukvm.daemon;

/** What the signals that a command gets are for: its guest, or what it does before. */
@FunctionalInterface
public interface SignalTarget {
    /** Ends it, and does not wait for its end; on any thread. */
    void stop();

    /** Keeps it from going on until {@link #resume}, if it can be; on any thread. */
    default void pause() {}

    /** Lets it go on. */
    default void resume() {}
}
