package jukvm.control;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets so many in at a time, the others in order of arrival. A place may be had for a while only if
 * others wait for one: then whoever had it is not counted any more. Thread-safe.
 *
 * @param <T> who comes, has its turn and leaves; known by identity
 */
public final class Admission<T> {
    private final int places;
    private final Consumer<T> beginner;
    private final @Nullable Time time;
    private final long longest;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<T> waiting = new LinkedHashSet<>();
    private final Map<T, Long> in = new LinkedHashMap<>(); // Since when.
    private boolean isWatched;

    // Whose turn has come, and whether a thread is beginning them. One that leaves at once, as
    // guests do when their monitor is closed, must not begin the next from within its own
    // beginning.
    private final Queue<T> turn = new ArrayDeque<>();
    private boolean beginning;

    /**
     * Makes one whose places are had until they are left.
     *
     * @param places how many may be in at a time, at least 1
     * @param beginner called for each whose turn has come, without any lock, by who let it in: its
     *     own thread in {@link #begin}, who left, or who keeps time
     */
    public Admission(int places, Consumer<T> beginner) {
        this(places, beginner, null, 0);
    }

    /**
     * Makes one whose places are had for a while.
     *
     * @param places as above
     * @param beginner as above
     * @param time tells how long; null for as long as they are not left
     * @param longest that is, if others wait, in nanoseconds
     */
    public Admission(int places, Consumer<T> beginner, @Nullable Time time, long longest) {
        if (places < 1) {
            throw new IllegalArgumentException("inFlight=" + places);
        }
        this.places = places;
        this.beginner = beginner;
        this.time = time;
        this.longest = longest;
    }

    /** Takes one in, or lets it wait; {@link #begin} follows. */
    public void arrive(T who) {
        lock.lock();
        try {
            if (in.size() < places) {
                letIn(who);
            } else {
                waiting.add(who);
                watch();
            }
        } finally {
            lock.unlock();
        }
    }

    private void letIn(T who) {
        in.put(who, time == null ? 0 : time.now());
        turn.add(who);
    }

    /**
     * Lets go one that arrived, whether it had its turn or gave up; the next has its turn. Nothing
     * if it is not there.
     */
    public void leave(T who) {
        boolean hadPlace;
        lock.lock();
        try {
            hadPlace = in.remove(who) != null;
            if (hadPlace) {
                letNextIn();
            } else {
                waiting.remove(who);
            }
        } finally {
            lock.unlock();
        }
        if (hadPlace) {
            begin();
        }
    }

    private void letNextIn() {
        Iterator<T> first = waiting.iterator();
        if (first.hasNext()) {
            letIn(first.next());
            first.remove();
        }
    }

    // Only while somebody waits.
    private void watch() {
        if (time != null && !isWatched && !waiting.isEmpty()) {
            isWatched = true;
            time.schedule(() -> look(time), left(time));
        }
    }

    // Of who came in first, which is the first of them.
    private long left(Time by) {
        return in.values().iterator().next() + longest - by.now();
    }

    private void look(Time by) {
        lock.lock();
        try {
            isWatched = false;
            while (!waiting.isEmpty() && left(by) <= 0) {
                in.remove(in.keySet().iterator().next());
                letNextIn();
            }
            watch();
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
