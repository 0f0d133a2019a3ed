package jukvm.bench.action;

import java.util.Optional;

/**
 * A way to run the action. Thread-safe; closing it ends and frees all it keeps.
 *
 * <p>Errors that are not of one action are thrown as {@link jukvm.error.JukvmException}.
 */
public interface ActionSystem extends AutoCloseable {
    /** Returns what it is. */
    Identity identity();

    /**
     * Makes a worker for the calling thread, which may be changed for good by it: it uses this
     * system's workers alone from then on.
     */
    Worker worker();

    /** Returns how an instance is started that stays; empty if that makes no sense here. */
    default Optional<Idle.Starter> idle() {
        return Optional.empty();
    }

    /** Returns whether actions run in this JVM, whose compiler must see them before they count. */
    default boolean isInThisJvm() {
        return false;
    }

    /** Puts the host into the state that this system is measured in; {@link #leave} ends it. */
    default void enter() {}

    /** Puts the host back into the state it was in. */
    default void leave() {}

    @Override
    default void close() {}
}
