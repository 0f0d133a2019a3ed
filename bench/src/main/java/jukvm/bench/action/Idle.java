package jukvm.bench.action;

/** An instance that has greeted and waits; closing ends it and gives back what it took. */
public interface Idle extends AutoCloseable {
    /** Returns the process whose memory is its own; 0 if it lives in this JVM. */
    long process();

    @Override
    void close();

    /** Starts them. Used by one thread. */
    @FunctionalInterface
    interface Starter {
        /**
         * Starts one and waits for its greeting.
         *
         * @throws jukvm.error.HostException if it does not greet
         */
        Idle start() throws InterruptedException;
    }
}
