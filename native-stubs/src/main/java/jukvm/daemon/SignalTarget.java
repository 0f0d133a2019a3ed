package jukvm.daemon;

/** What the signals of a command act on: its guest, or what comes before it, such as a fetch. */
@FunctionalInterface
public interface SignalTarget {
    /** Ends it, and does not wait for its end; on any thread. */
    void stop();

    /** Keeps it from going on until {@link #resume}, if it can be; on any thread. */
    default void pause() {}

    /** Lets it go on. */
    default void resume() {}
}
