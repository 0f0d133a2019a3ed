package jukvm.bench;

import java.util.Map;
import java.util.TreeMap;

/**
 * Counted runs that did not go as they must, by what was wrong. Thread-safe.
 *
 * <p>Two kinds: a wrong result is a fault of jukvm; a right one that was started on something else
 * than what is measured happens where no kept VM was clean yet.
 */
public final class Failures {
    private final Map<String, Long> counts = new TreeMap<>();
    private long wrong;

    /** Notes a run whose result is wrong. */
    public synchronized void addWrong(String reason) {
        wrong++;
        counts.merge(reason, 1L, Long::sum);
    }

    /** Notes a run that was started on something else, unless what on is empty. */
    public synchronized void addStart(String reason) {
        if (!reason.isEmpty()) {
            counts.merge(reason, 1L, Long::sum);
        }
    }

    /** Notes a run that went wrong unless what went wrong is empty; true if it is. */
    public boolean check(String failure) {
        if (!failure.isEmpty()) {
            addWrong(failure);
        }
        return failure.isEmpty();
    }

    /** Adds those of others. */
    public synchronized void add(Failures others) {
        wrong += others.wrong();
        others.byReason().forEach((reason, count) -> counts.merge(reason, count, Long::sum));
    }

    /** Returns how many there are of both kinds. */
    public synchronized long count() {
        return counts.values().stream().mapToLong(Long::longValue).sum();
    }

    /** Returns how many results were wrong. */
    public synchronized long wrong() {
        return wrong;
    }

    /** Returns how many there are by what was wrong. */
    public synchronized Map<String, Long> byReason() {
        return Map.copyOf(counts);
    }
}
