package jukvm.control;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many in at a time, the others in order of arrival. Thread-safe.
 *
 * @param <T> who comes, has its turn and leaves; known by identity
 */
public final class Admission<T> {
    private final int places;
    private final Consumer<T> beginner;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<T> waiting = new LinkedHashSet<>();
    private int taken;

    // Whose turn has come, and whether a thread is beginning them. One that leaves at once, as
    // guests do when their monitor is closed, must not begin the next from within its own
    // beginning.
    private final Queue<T> turn = new ArrayDeque<>();
    private boolean beginning;

    /**
     * Makes one.
     *
     * @param places how many may be in at a time, at least 1
     * @param beginner called for each whose turn has come, without any lock, by who let it in: its
     *     own thread in {@link #begin}, or who left
     */
    public Admission(int places, Consumer<T> beginner) {
        if (places < 1) {
            throw new IllegalArgumentException("inFlight=" + places);
        }
        this.places = places;
        this.beginner = beginner;
    }

    /** Takes one in, or lets it wait; {@link #begin} follows. */
    public void arrive(T who) {
        lock.lock();
        try {
            if (taken < places) {
                taken++;
                turn.add(who);
            } else {
                waiting.add(who);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Lets go one that arrived, whether it had its turn or gave up; the next has its turn. */
    public void leave(T who) {
        lock.lock();
        try {
            if (!waiting.remove(who)) { // It had its turn, and gives it on.
                Iterator<T> first = waiting.iterator();
                if (first.hasNext()) {
                    turn.add(first.next());
                    first.remove();
                } else {
                    taken--;
                }
            }
        } finally {
            lock.unlock();
        }
        begin();
    }

    /**
     * Begins all whose turn has come, unless another thread is at it, which then does these too.
     */
    public void begin() {
        T next = next(true);
        while (next != null) {
            beginner.accept(next);
            next = next(false);
        }
    }

    private @Nullable T next(boolean entering) {
        lock.lock();
        try {
            if (entering && beginning) {
                return null;
            }
            T next = turn.poll();
            beginning = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }

    /** Returns how many wait. */
    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }
}
