package jukvm.vm;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import jukvm.control.MonitorThread;
import jukvm.guest.Metrics;
import jukvm.memory.GuestMemory;
import jukvm.memory.MemoryTemplate;
import jukvm.process.ThreadClock;
import org.jspecify.annotations.Nullable;

/**
 * The VMs that serve guests, and those kept for guests to come. Thread-safe.
 *
 * <p>A VM has a thread of its own all its life: a vCPU that changes threads makes the kernel wait
 * for a grace period. Creating, cleaning and destroying a VM happens on that thread, after its
 * guest's result has been handed over; so nobody waits for it. The one used last is used first, and
 * one that was not used for a while ends by itself.
 */
public final class VmPool implements AutoCloseable {
    // So many guests may each have a thread and a VM while they wait; more share what there is.
    private static final int CROWD = 64;

    // How often is looked whether those that end are given up.
    private static final long LOOK_MILLIS = 100;

    /** Makes VMs. Thread-safe. */
    public interface Maker {
        /**
         * Makes one on its thread.
         *
         * @param memory of its guests, all zero; it stays the caller's
         * @param clock of the thread
         * @throws jukvm.error.HostException if the host refuses
         */
        GuestVm make(VmKind kind, GuestMemory memory, ThreadClock clock);
    }

    private final Maker maker;
    private final long keepBytes;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition someEnded = lock.newCondition();
    private final Map<VmKind, Deque<VmThread>> idle = new HashMap<>();

    private final Set<VmThread> alive = new HashSet<>();
    private final Set<VmJob> parked = new HashSet<>();
    private final Runnable whenEmpty;
    private long keptBytes;
    private boolean closed;
    private boolean isEnding; // The last that was parked has ended, and the rest is being done.

    /**
     * Makes a pool.
     *
     * @param keepBytes how much guest memory idle VMs may have together; 0 to keep none
     * @param whenEmpty called once the pool is closed and no VM is left
     */
    public VmPool(Maker maker, long keepBytes, Runnable whenEmpty) {
        this.maker = maker;
        this.keepBytes = keepBytes;
        this.whenEmpty = whenEmpty;
    }

    /**
     * Runs a guest in a VM that is free, or in a new one; one that is parked goes on.
     *
     * @return false if the pool is closed
     * @throws OutOfMemoryError if the host allows no more threads
     */
    public boolean start(VmJob guest) {
        VmKind kind = guest.kind();
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            VmThread free = takeIdle(kind, guest);
            free = free == null ? takeIdle(VmKind.NONE, guest) : free;
            if (free != null) {
                free.handOver(guest);
            } else {
                VmThread created = new VmThread(this, maker, guest);
                created.start();
                alive.add(created);
            }
            parked.remove(guest);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Returns whether there are so many VMs that guests which wait for long are to be parked. */
    public boolean isCrowded() {
        lock.lock();
        try {
            return keepBytes > 0 && alive.size() > CROWD;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Notes a guest that is parked, on the thread it leaves: until it is started again or has
     * ended, it is one of the pool's, too.
     *
     * @return false if the pool is closed, and the guest is to be stopped
     */
    public boolean parked(VmJob guest) {
        lock.lock();
        try {
            parked.add(guest);
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /** Notes that a guest has ended which was parked. */
    public void parkedEnded(VmJob guest) {
        boolean isLast;
        lock.lock();
        try {
            isLast = parked.remove(guest) && isEmpty();
            isEnding |= isLast;
            someEnded.signalAll();
        } finally {
            lock.unlock();
        }
        if (isLast) {
            endLast();
        }
    }

    private void endLast() {
        try {
            whenEmpty.run();
        } finally {
            noteEnd();
        }
    }

    private void noteEnd() {
        lock.lock();
        try {
            isEnding = false;
            someEnded.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private boolean isEmpty() {
        return closed && alive.isEmpty() && parked.isEmpty();
    }

    private @Nullable VmThread takeIdle(VmKind kind, VmJob guest) {
        Deque<VmThread> queue = idle.get(kind);
        if (queue == null) {
            return null;
        }
        VmThread free = best(queue, guest.start().template());
        queue.remove(free);
        forget(kind, queue);
        return free;
    }

    // The one used last, whose caches are warm; but rather one that is laid out for the guest.
    private static VmThread best(Deque<VmThread> queue, @Nullable MemoryTemplate template) {
        if (template != null) {
            for (Iterator<VmThread> each = queue.descendingIterator(); each.hasNext(); ) {
                VmThread vm = each.next();
                if (vm.beginsWith(template)) {
                    return vm;
                }
            }
        }
        return queue.getLast();
    }

    private void forget(VmKind kind, Deque<VmThread> queue) {
        if (queue.isEmpty()) {
            idle.remove(kind);
        }
    }

    /** Returns whether no VM is ever kept. */
    boolean keepsNone() {
        return keepBytes == 0;
    }

    /** Makes room for one more VM to be kept; false if there is none. */
    boolean reserve(VmKind kind) {
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

    /** Gives back what {@link #reserve} took, because the VM is in use again or gone. */
    void release(VmKind kind) {
        lock.lock();
        try {
            keptBytes -= kind.memory();
        } finally {
            lock.unlock();
        }
    }

    /** Offers a thread and its clean VM to guests to come; false if the pool is closed. */
    boolean offer(VmKind kind, VmThread vm) {
        lock.lock();
        try {
            if (closed) {
                return false;
            }
            idle.computeIfAbsent(kind, unused -> new ArrayDeque<>()).addLast(vm);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes back what was offered; false if a guest is on its way to it. */
    boolean withdraw(VmKind kind, VmThread vm) {
        lock.lock();
        try {
            Deque<VmThread> queue = idle.get(kind);
            if (queue == null || !queue.remove(vm)) {
                return false;
            }
            forget(kind, queue);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Returns how many guests are parked. */
    public long parked() {
        lock.lock();
        try {
            return parked.size();
        } finally {
            lock.unlock();
        }
    }

    /** Returns how many VMs wait for a guest, and of how much memory. */
    public Metrics.PooledVms kept() {
        lock.lock();
        try {
            long vms = 0;
            long bytes = 0;
            for (Map.Entry<VmKind, Deque<VmThread>> free : idle.entrySet()) {
                int count = free.getKey().equals(VmKind.NONE) ? 0 : free.getValue().size();
                vms += count;
                bytes += count * free.getKey().memory();
            }
            return new Metrics.PooledVms(vms, bytes);
        } finally {
            lock.unlock();
        }
    }

    /** Notes that a thread has ended, and its VM before; on it. */
    void ended(VmThread vm) {
        lock.lock();
        try {
            alive.remove(vm);
            if (!isEmpty()) {
                return;
            }
        } finally {
            lock.unlock();
        }
        whenEmpty.run();
    }

    /** Returns whether {@link #close} was called. */
    public boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Stops all guests, ends all VMs, and waits until nothing of them is left; but does not wait on
     * a thread of the monitor's own, which may be what it would wait for.
     */
    @Override
    public void close() {
        List<VmThread> ending;
        List<VmJob> waiting;
        boolean isEmpty;
        lock.lock();
        try {
            closed = true;
            idle.clear();
            ending = List.copyOf(alive);
            waiting = List.copyOf(parked);
            isEmpty = isEmpty();
        } finally {
            lock.unlock();
        }
        ending.forEach(VmThread::end);
        waiting.forEach(VmJob::cancel);
        if (!MonitorThread.isCurrent()) {
            ending.forEach(VmThread::awaitEnd);
            awaitParked();
        }
        if (isEmpty) {
            whenEmpty.run();
        }
    }

    private void awaitParked() {
        boolean isInterrupted = false;
        lock.lock();
        try {
            while (isEnding || !parked.stream().allMatch(VmJob::isAbandoned)) {
                try {
                    var unused = someEnded.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                } catch (InterruptedException e) {
                    isInterrupted = true;
                }
            }
        } finally {
            lock.unlock();
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
