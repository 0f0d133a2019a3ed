package jukvm.sandbox;

import java.util.List;
import java.util.Set;

/** What a process is sealed with that can be made before: of a cold JVM, that takes most time. */
final class SealParts implements AutoCloseable {
    final Landlock rules;
    final FilterProgram filter;

    /**
     * Makes them, as {@link Sandbox#seal(Set, long, List)} has them.
     *
     * @throws jukvm.error.HostException if the host has no memory for it
     */
    SealParts(Set<Use> uses, List<String> readable) {
        filter = FilterProgram.refusing(uses);
        rules = Landlock.of(uses, readable);
    }

    @Override
    public void close() {
        rules.close();
        filter.close();
    }
}
