package jukvm.debug;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where guests were at ticks of a clock, by the names of their functions. Thread-safe. */
public final class Samples {
    /** The most ticks a second. */
    public static final int MAX_HZ = 10_000;

    /** How many different stacks are kept; what is beyond is counted together. */
    static final int MAX_STACKS = 1 << 14;

    /** What those are called. */
    static final String OTHERS = "[others]";

    private final int hz;
    // By lists, which share the names: a guest chooses how long these are.
    private final Map<List<String>, Long> counts = new HashMap<>();

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
        boolean isKept = counts.size() < MAX_STACKS || counts.containsKey(functions);
        counts.merge(isKept ? functions : List.of(OTHERS), count, Long::sum);
    }

    /** Returns what there is so far, in an order that is always the same. */
    public synchronized List<Counted> all() {
        return counts.entrySet().stream()
                .map(stack -> new Counted(stack.getKey(), stack.getValue()))
                .sorted(Comparator.comparing(stack -> String.join(";", stack.functions())))
                .toList();
    }
}
