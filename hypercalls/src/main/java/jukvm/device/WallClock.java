package jukvm.device;

import java.time.Instant;

/** The wall clock a guest is told; an embedder may give it another. */
@FunctionalInterface
public interface WallClock {
    /** Returns the time in nanoseconds since 1970-01-01T00:00:00Z. */
    long nanosSinceEpoch();

    /** Returns the host's clock. */
    static WallClock host() {
        return () -> {
            Instant now = Instant.now();
            return now.getEpochSecond() * 1_000_000_000L + now.getNano();
        };
    }
}
