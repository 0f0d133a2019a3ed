package jukvm.guest;

import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.monitor.RunQueue;
import jukvm.monitor.Snapshot;

/**
 * All there is to know about a run that has ended.
 *
 * @param outcome how it ended
 * @param timeline when its phases ended
 * @param counters what the guest did
 * @param privilege it ran at
 * @param dialect it spoke
 * @param start what it was started on
 */
public record RunResult(
        Outcome outcome,
        Timeline timeline,
        Counters counters,
        PrivilegeLevel privilege,
        Dialect dialect,
        Start start) {
    /** What a guest was started on. */
    public enum Start {
        /** A VM made for it, from its image. */
        COLD("cold"),

        /** A VM that was kept, cleaned, from another guest; its image was laid out anew. */
        POOLED("pooled"),

        /** A VM made for it, to go on from a {@link Snapshot}. */
        COLD_SNAPSHOT("cold-snapshot"),

        /** A VM that was kept, cleaned, from another guest, to go on from a {@link Snapshot}. */
        SNAPSHOT("snapshot"),

        /** Nothing: it was stopped before, as in a {@link RunQueue}, or the host had no thread. */
        NONE("none");

        private final String word;

        Start(String word) {
            this.word = word;
        }

        /** Returns the word for it in recordings, as in {@code cold-snapshot}. */
        @Override
        public String toString() {
            return word;
        }
    }
}
