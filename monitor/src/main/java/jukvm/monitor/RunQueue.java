package jukvm.monitor;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs guests to completion: so many at a time, the others in order of arrival. As many as there
 * are processors leave none idle, and no guest slows down another; so each is through sooner than
 * if all took turns (HotOS'17, section 4: non-preemptive scheduling). Guests that mostly wait for
 * their network want more at a time, or no queue.
 *
 * <p>Thread-safe. A deadline counts from the submission, so it covers the time in the queue.
 */
public final class RunQueue {
    private final int inFlight;
    private final ReentrantLock lock = new ReentrantLock();
    private final Set<Tender> waiting = new LinkedHashSet<>();
    private int running;

    // Whose turn has come, and whether a thread is beginning them. One that ends at once, as all do
    // when their monitor is closed, must not begin the next from within its own beginning.
    private final Queue<Tender> turn = new ArrayDeque<>();
    private boolean beginning;

    /**
     * Makes a queue.
     *
     * @param inFlight how many guests run at once, at least 1
     * @throws IllegalArgumentException if it is less
     */
    public RunQueue(int inFlight) {
        if (inFlight < 1) {
            throw new IllegalArgumentException("inFlight=" + inFlight);
        }
        this.inFlight = inFlight;
    }

    /** Makes a queue that runs as many guests at once as the JVM has processors. */
    public static RunQueue perProcessor() {
        return new RunQueue(Runtime.getRuntime().availableProcessors());
    }

    /**
     * Runs a guest when its turn comes, and returns at once.
     *
     * @return what {@link Tender#start} returns. A guest that is cancelled, or whose deadline
     *     expires, while it waits ends at once and without a VM.
     * @throws IllegalStateException as {@link Tender#start}
     */
    public CompletableFuture<RunResult> submit(Tender tender) {
        CompletableFuture<RunResult> future = tender.request();
        lock.lock();
        try {
            if (running < inFlight) {
                running++;
                turn.add(tender);
            } else {
                waiting.add(tender);
            }
        } finally {
            lock.unlock();
        }
        var unused = tender.end().whenComplete((result, thrown) -> ended(tender));
        begin();
        return future;
    }

    /** Returns how many guests wait for their turn. */
    public int waiting() {
        lock.lock();
        try {
            return waiting.size();
        } finally {
            lock.unlock();
        }
    }

    // On the thread of the guest that ended, or of who stopped one that was waiting.
    private void ended(Tender tender) {
        lock.lock();
        try {
            if (!waiting.remove(tender)) { // It had its turn, and gives it on.
                Iterator<Tender> first = waiting.iterator();
                if (first.hasNext()) {
                    turn.add(first.next());
                    first.remove();
                } else {
                    running--;
                }
            }
        } finally {
            lock.unlock();
        }
        begin();
    }

    private void begin() {
        Tender next = next(true);
        while (next != null) {
            next.begin();
            next = next(false);
        }
    }

    private @Nullable Tender next(boolean entering) {
        lock.lock();
        try {
            if (entering && beginning) {
                return null; // Whoever is at it goes on with this one.
            }
            Tender next = turn.poll();
            beginning = next != null;
            return next;
        } finally {
            lock.unlock();
        }
    }
}
