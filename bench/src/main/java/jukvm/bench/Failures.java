package jukvm.bench;

import java.util.Map;
import java.util.TreeMap;

/** Counted runs that did not go as they must, by what was wrong. Thread-safe. */
final class Failures {
    private final Map<String, Long> counts = new TreeMap<>();

    /** Notes one. */
    synchronized void add(String reason) {
        counts.merge(reason, 1L, Long::sum);
    }

    /** Returns how many there are. */
    synchronized long count() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns how many there are of each kind. */
    synchronized Map<String, Long> byReason() {
        return Map.copyOf(counts);
    }
}
