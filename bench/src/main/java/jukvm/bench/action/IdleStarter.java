package jukvm.bench.action;

/** Starts instances that print their greeting and stay. Used by one thread. */
public interface IdleStarter {
    /**
     * Starts one and waits for its greeting.
     *
     * @throws jukvm.error.HostException if it does not greet
     */
    Idle start() throws InterruptedException;

    /**
     * Returns most of memory that an instance can be expected to take, in bytes, so that no host is
     * filled up.
     */
    long expectedBytes();

    /** An instance that waits; closing ends it and gives back what it took. */
    interface Idle extends AutoCloseable {
        /** Returns the process whose memory is its own; 0 if it lives in this JVM. */
        long process();

        @Override
        void close();
    }
}
