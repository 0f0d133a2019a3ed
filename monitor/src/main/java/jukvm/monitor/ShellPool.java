package jukvm.monitor;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import jukvm.kvm.Kvm;
import jukvm.memory.MemoryTemplate;
import jukvm.memory.PageScan;
import org.jspecify.annotations.Nullable;

/**
 * The shells that serve guests, and those kept for guests to come. Thread-safe.
 *
 * <p>A shell has a thread of its own all its life: a vCPU that changes threads makes the kernel
 * wait for a grace period. Creating, cleaning and destroying a shell happens on that thread, after
 * its guest's result has been handed over; so nobody waits for it. The one used last is used first,
 * and one that was not used for a while ends by itself.
 */
final class ShellPool implements AutoCloseable {
    private final Kvm kvm;
    private final Templates templates;
    private final long keepBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final PageScan scan = PageScan.open();
    private final Map<ShellKind, Deque<ShellThread>> idle = new HashMap<>();

    private final Set<ShellThread> alive = new HashSet<>();
    private final Runnable whenEmpty;
    private long keptBytes;
    private boolean closed;

    /**
     * Makes a pool.
     *
     * @param keepBytes how much guest memory idle shells may have together; 0 to keep none
     * @param whenEmpty called once the pool is closed and no shell is left
     */
    ShellPool(Kvm kvm, Templates templates, long keepBytes, Runnable whenEmpty) {
        this.kvm = kvm;
        this.templates = templates;
        this.keepBytes = keepBytes;
        this.whenEmpty = whenEmpty;
    }

    /**
     * Runs a guest on a shell that is free, or on a new one.
     *
     * @return false if the pool is closed
     */
    boolean start(GuestRun guest) {
        ShellKind kind = guest.kind();
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            ShellThread free = takeIdle(kind, guest);
            free = free == null ? takeIdle(ShellKind.NONE, guest) : free;
            if (free != null) {
                free.handOver(guest);
                return true;
            }
            ShellThread created = new ShellThread(this, kvm, templates, guest);
            created.start();
            alive.add(created);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable ShellThread takeIdle(ShellKind kind, GuestRun guest) {
        Deque<ShellThread> queue = idle.get(kind);
        if (queue == null) {
            return null;
        }
        ShellThread free = best(queue, guest.beginning().template());
        queue.remove(free);
        forget(kind, queue);
        return free;
    }

    // The one used last, whose caches are warm; but rather one that is laid out for the guest.
    private static ShellThread best(Deque<ShellThread> queue, @Nullable MemoryTemplate template) {
        if (template != null) {
            for (Iterator<ShellThread> each = queue.descendingIterator(); each.hasNext(); ) {
                ShellThread shell = each.next();
                if (shell.beginsWith(template)) {
                    return shell;
                }
            }
        }
        return queue.getLast();
    }

    private void forget(ShellKind kind, Deque<ShellThread> queue) {
        if (queue.isEmpty()) {
            idle.remove(kind);
        }
    }

    /** Returns what finds the pages that guests have written. */
    PageScan scan() {
        return scan;
    }

    /** Returns whether no shell is ever kept. */
    boolean keepsNone() {
        return keepBytes == 0;
    }

    /** Returns whether a shell of a kind could ever be kept. */
    boolean keeps(ShellKind kind) {
        return kind.memory() <= keepBytes;
    }

    /** Makes room for one more shell to be kept; false if there is none. */
    boolean reserve(ShellKind kind) {
        lock.lock();
        try {
            if (closed || kind.memory() > keepBytes - keptBytes) {
                return false;
            }
            keptBytes += kind.memory();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Gives back what {@link #reserve} took, because the shell is in use again or gone. */
    void release(ShellKind kind) {
        lock.lock();
        try {
            keptBytes -= kind.memory();
        } finally {
            lock.unlock();
        }
    }

    /** Offers a clean shell to guests to come; false if the pool is closed. */
    boolean offer(ShellKind kind, ShellThread shell) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            idle.computeIfAbsent(kind, unused -> new ArrayDeque<>()).addLast(shell);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a shell back that was offered; false if a guest is on its way to it. */
    boolean withdraw(ShellKind kind, ShellThread shell) {
        lock.lock();
        try {
            Deque<ShellThread> queue = idle.get(kind);
            if (queue == null || !queue.remove(shell)) {
                return false;
            }
            forget(kind, queue);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Returns how many shells wait for a guest, and of how much memory. */
    Metrics.Shells kept() {
        lock.lock();
        try {
            long shells = 0;
            long bytes = 0;
            for (Map.Entry<ShellKind, Deque<ShellThread>> free : idle.entrySet()) {
                shells += free.getValue().size();
                bytes += free.getValue().size() * free.getKey().memory();
            }
            return new Metrics.Shells(shells, bytes);
        } finally {
            lock.unlock();
        }
    }

    /** Notes that a shell is no more; on its thread, at its end. */
    void ended(ShellThread shell) {
        lock.lock();
        try {
            alive.remove(shell);
            if (!closed || !alive.isEmpty()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        nothingIsLeft();
    }

    private void nothingIsLeft() {
        scan.close();
        whenEmpty.run();
    }

    /** Returns whether {@link #close} was called. */
    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Stops all guests, ends all shells, and waits until nothing of them is left; but does not wait
     * on a thread of the monitor's own, which may be what it would wait for.
     */
    @Override
    public void close() {
        List<ShellThread> ending;
        lock.lock();
        try {
            closed = true;
            idle.clear();
            ending = List.copyOf(alive);
        } finally {
            lock.unlock();
        }
        ending.forEach(ShellThread::end);
        if (!MonitorThread.isCurrent()) {
            ending.forEach(ShellThread::awaitEnd);
        }
        if (ending.isEmpty()) {
            nothingIsLeft();
        }
    }
}
