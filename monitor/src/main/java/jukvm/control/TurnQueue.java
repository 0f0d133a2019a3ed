package jukvm.control;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * In which order guests that wait for a processor get one. Those that did not use up their last
 * turn go first, so that a guest of a millisecond passes any number of guests that compute for
 * seconds; of those, one that has waited for {@link #PATIENCE_NANOS} gets every second turn. Not
 * thread-safe.
 *
 * @param <T> who waits
 */
final class TurnQueue<T> {
    /** How long one that used up its last turn waits behind all others, in nanoseconds. */
    static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private record Waiting<T>(T who, long since) {}

    private final Deque<T> fresh = new ArrayDeque<>();
    private final Deque<Waiting<T>> spent = new ArrayDeque<>();
    private boolean lateIsNext;

    /**
     * Adds one at the end.
     *
     * @param usedUp whether it used up its last turn
     */
    void add(T who, boolean usedUp, long now) {
        if (usedUp) {
            spent.add(new Waiting<>(who, now));
        } else {
            fresh.add(who);
        }
    }

    /** Takes out the one whose turn it is, null if none waits. */
    @Nullable T poll(long now) {
        Waiting<T> patient = spent.peek();
        boolean isLate = patient != null && now - patient.since > PATIENCE_NANOS;
        // One late and one fresh by turns: all late ones at a time would hold up the fresh for
        // long.
        lateIsNext = isLate && !lateIsNext;
        if (patient != null && (fresh.isEmpty() || lateIsNext)) {
            spent.remove();
            return patient.who;
        }
        return fresh.poll();
    }

    /** Takes one out; whether it was waiting. */
    boolean remove(T who) {
        return fresh.remove(who) || spent.removeIf(waiting -> waiting.who == who);
    }

    /** Returns whether nobody waits. */
    boolean isEmpty() {
        return fresh.isEmpty() && spent.isEmpty();
    }
}
