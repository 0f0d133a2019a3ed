package jukvm.control;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what may take long, or is the embedder's to decide how long, beside the threads that others
 * wait for: the one that keeps time, and whoever stops a guest. Each task has a thread to itself
 * while it runs, so one that blocks holds up no other. Threads are kept for some seconds.
 *
 * <p>Thread-safe.
 */
public final class BackgroundTasks {
    private static final Logger LOG = LoggerFactory.getLogger(BackgroundTasks.class);
    private static final long KEEP_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition taskCame = lock.newCondition();
    private final Condition allDone = lock.newCondition();

    // Under the lock. Free are threads that wait for a task, or are about to.
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private int free;
    private int busy;

    /** Has a task run, soon, by another thread; by this one only if the host allows no other. */
    public void run(Runnable task) {
        if (!isTaken(task)) {
            tryTo(task);
        }
    }

    private boolean isTaken(Runnable task) {
        lock.lock();
        try {
            if (free == 0) {
                startThread();
            }
            boolean isTaken = free + busy > 0;
            if (isTaken) {
                tasks.add(task);
                taskCame.signal();
            }
            return isTaken;
        } finally {
            lock.unlock();
        }
    }

    private void startThread() {
        try {
            new MonitorThread(this::work, "jukvm-background").start();
            free++;
        } catch (OutOfMemoryError e) {
            // The host allows no more threads now; those that there are go on.
        }
    }

    // Nothing of a task is held while its thread waits for the next.
    private void work() {
        while (workOnce()) {
            Thread.interrupted(); // What one task was told is none of the next one's business.
        }
    }

    private boolean workOnce() {
        Runnable task = take();
        if (task == null) {
            return false;
        }
        tryTo(task);
        done();
        return true;
    }

    private static void tryTo(Runnable task) {
        try {
            task.run();
        } catch (Throwable e) {
            LOG.debug("a call of the embedder's failed", e);
        }
    }

    private @Nullable Runnable take() {
        long start = System.nanoTime();
        lock.lock();
        try {
            while (tasks.isEmpty()) {
                long left = KEEP_NANOS - (System.nanoTime() - start);
                if (left <= 0) {
                    free--;
                    return null;
                }
                try {
                    var unused = taskCame.awaitNanos(left);
                } catch (InterruptedException e) {
                    // It looks for tasks all the same.
                }
            }
            free--;
            busy++;
            Runnable task = tasks.poll();
            if (free == 0 && !tasks.isEmpty()) {
                startThread();
            }
            return task;
        } finally {
            lock.unlock();
        }
    }

    private void done() {
        lock.lock();
        try {
            busy--;
            free++;
            if (busy == 0 && tasks.isEmpty()) {
                allDone.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until all tasks are done, those that come meanwhile included, but only for so long: one
     * may not come back from what is the embedder's.
     *
     * @return whether they are
     */
    public boolean awaitQuiet(long nanos) {
        boolean interrupted = false;
        long start = System.nanoTime();
        lock.lock();
        try {
            long left = nanos;
            while ((busy > 0 || !tasks.isEmpty()) && left > 0) {
                try {
                    var unused = allDone.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
                left = nanos - (System.nanoTime() - start);
            }
            return left > 0;
        } finally {
            lock.unlock();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
