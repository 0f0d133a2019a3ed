package jukvm.debug;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Where guests were at ticks of a clock, by the names of their functions. Thread-safe. */
public final class Samples {
    /** The most ticks a second. */
    public static final int MAX_HZ = 10_000;

    /** How many different stacks are kept; what is beyond is counted together. */
    static final int MAX_STACKS = 1 << 14;

    private final int hz;
    private final Map<String, Counted> counted = new TreeMap<>();

    /** Functions, outermost first, and how often a guest was there. */
    public record Counted(List<String> functions, long count) {}

    /**
     * Makes one without samples.
     *
     * @param hz ticks a second, 1 to {@link #MAX_HZ}
     */
    public Samples(int hz) {
        if (hz < 1 || hz > MAX_HZ) {
            throw new IllegalArgumentException(hz + " samples a second, need 1 to " + MAX_HZ);
        }
        this.hz = hz;
    }

    /** Returns how many ticks a second has. */
    public int hz() {
        return hz;
    }

    synchronized void add(List<String> functions, long count) {
        boolean isKept =
                counted.size() < MAX_STACKS || counted.containsKey(String.join(";", functions));
        List<String> kept = isKept ? functions : List.of("[others]");
        counted.merge(
                String.join(";", kept),
                new Counted(kept, count),
                (one, other) -> new Counted(kept, one.count() + other.count()));
    }

    /** Returns what there is so far, in an order that is always the same. */
    public synchronized List<Counted> all() {
        return new ArrayList<>(counted.values());
    }
}
