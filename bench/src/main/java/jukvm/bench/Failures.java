package jukvm.bench;

import java.util.Map;
import java.util.TreeMap;

/** What did not go as it must, counted by what was wrong. Thread-safe. */
public final class Failures {
    private final Map<String, Long> counts = new TreeMap<>();

    /** Counts one. */
    public synchronized void add(String reason) {
        counts.merge(reason, 1L, Long::sum);
    }

    /** Counts one unless what went wrong is empty; returns whether it is. */
    public boolean check(String reason) {
        if (!reason.isEmpty()) {
            add(reason);
        }
        return reason.isEmpty();
    }

    /** Adds those of others. */
    public synchronized void add(Failures others) {
        others.byReason().forEach((reason, count) -> counts.merge(reason, count, Long::sum));
    }

    /** Returns how many there are. */
    public synchronized long count() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns how many there are by what was wrong. */
    public synchronized Map<String, Long> byReason() {
        return new TreeMap<>(counts);
    }
}
