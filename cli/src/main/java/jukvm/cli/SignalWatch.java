package jukvm.cli;

/** What is to end at a signal, while it lasts. */
interface SignalWatch extends AutoCloseable {
    /** Returns whether a signal has come. */
    boolean received();

    /** Says that it has ended and everything about it has been said. */
    @Override
    void close();
}
