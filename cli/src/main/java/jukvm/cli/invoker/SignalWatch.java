package jukvm.cli.invoker;

/** What is to end at a signal, while it lasts. */
public interface SignalWatch extends AutoCloseable {
    /** Returns whether a signal has come. */
    boolean received();

    /** Says that it has ended and everything about it has been said. */
    @Override
    void close();
}
