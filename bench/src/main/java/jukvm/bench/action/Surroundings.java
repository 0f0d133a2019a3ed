package jukvm.bench.action;

/** The state of the host that a system is measured in. Usually the host as it is. */
interface Surroundings extends AutoCloseable {
    /** The host as it is. */
    Surroundings NONE = new Surroundings() {};

    /** Puts the calling thread into it, for good. */
    default void enterThread() {}

    /** Puts the host into it. */
    default void enter() {}

    /** Puts the host back. */
    default void leave() {}

    @Override
    default void close() {}
}
