/**
 * Guests in JUnit tests: an annotation and what it injects.
 *
 * <p>Knows only the public library, and is known to nothing else.
 */
module jukvm.junit {
    requires static transitive org.jspecify;
    requires transitive jukvm.monitor;
    requires transitive org.junit.jupiter.api;

    exports jukvm.junit;
}
