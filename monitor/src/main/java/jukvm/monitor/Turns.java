package jukvm.monitor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import jukvm.kvm.KvmVcpu;
import org.jspecify.annotations.Nullable;

/**
 * Lets as many vCPUs run at once as there are processors, the others in turn. Left to the kernel, a
 * crowd of guests that compute would keep the JVM itself waiting: a collection of garbage, the
 * thread that keeps time, the start of another guest. Here none of them competes with more threads
 * than there are processors.
 *
 * <p>A guest keeps its turn until it waits or ends, or, if others are waiting, for {@link
 * #SLICE_NANOS}. Those that did not use up their last turn go first, so that a guest of a
 * millisecond passes any number of guests that compute for seconds; of those, one that has waited
 * for 100 ms gets every second turn. Thread-safe.
 */
final class Turns {
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ScheduledExecutorService time;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Turn> holders = new ArrayList<>();
    private final Deque<Turn> fresh = new ArrayDeque<>();
    private final Deque<Turn> spent = new ArrayDeque<>();
    private final int slots;
    private boolean isWatched;
    private boolean lateIsNext;

    Turns(ScheduledExecutorService time, int slots) {
        this.time = time;
        this.slots = slots;
    }

    /** One guest's place in it; belongs to its vCPU's thread, but for {@link #interrupt}. */
    final class Turn {
        private volatile @Nullable Thread thread;
        private volatile boolean held;

        // Under the lock.
        private boolean isRunning; // It has noticed: its slice counts from there.
        private long since; // When it did, or began to wait for its turn.
        private @Nullable KvmVcpu vcpu;
        private boolean usedUp;
        private boolean isPaused;
        private boolean isAside; // It waits for its turn and for resume().

        /** Returns whether it is the guest's turn; cheap enough to ask before every KVM_RUN. */
        boolean isHeld() {
            return held;
        }

        /** Waits until it is the guest's turn, or it is to be stopped. */
        void take(KvmVcpu running, StopRequest stop) {
            thread = Thread.currentThread();
            enqueue(this, running);
            boolean interrupted = false; // By the embedder, for its callbacks to see: not here.
            while (!(held && notice(this)) && stop.wish() == null) {
                LockSupport.park(Turns.this);
                interrupted |= Thread.interrupted();
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        /** Makes {@link #take} look whether the guest is to be stopped; from any thread. */
        void interrupt() {
            LockSupport.unpark(thread);
        }

        /** Keeps it from the guest until {@link #resume}; from any thread. */
        void pause() {
            Turns.this.pause(this);
        }

        /** Lets the guest have it again; from any thread. */
        void resume() {
            Turns.this.resume(this);
        }

        /** Gives it to another guest, because this one will wait for something or has ended. */
        void give() {
            dequeue(this);
        }
    }

    /** Returns a place for a guest. */
    Turn turn() {
        return new Turn();
    }

    private void enqueue(Turn turn, KvmVcpu vcpu) {
        lock.lock();
        try {
            turn.vcpu = vcpu;
            turn.since = System.nanoTime();
            if (turn.isPaused) {
                turn.isAside = true;
            } else {
                line(turn);
            }
        } finally {
            lock.unlock();
        }
    }

    private void line(Turn turn) {
        if (holders.size() < slots) {
            hold(turn);
        } else {
            (turn.usedUp ? spent : fresh).add(turn);
            watch();
        }
    }

    private void pause(Turn turn) {
        lock.lock();
        try {
            turn.isPaused = true;
            if (turn.held) {
                turn.held = false;
                turn.isAside = !turn.isRunning; // Then its thread still waits for it.
                holders.remove(turn);
                handOn();
                if (turn.vcpu != null) {
                    turn.vcpu.kick();
                }
            } else if (fresh.remove(turn) || spent.remove(turn)) {
                turn.isAside = true;
            }
        } finally {
            lock.unlock();
        }
    }

    private void resume(Turn turn) {
        lock.lock();
        try {
            turn.isPaused = false;
            if (turn.isAside) {
                turn.isAside = false;
                line(turn);
                turn.interrupt();
            }
        } finally {
            lock.unlock();
        }
    }

    // On the guest's thread; false if the turn was taken away again meanwhile.
    private boolean notice(Turn turn) {
        lock.lock();
        try {
            if (turn.held) {
                turn.since = System.nanoTime();
                turn.isRunning = true;
            }
            return turn.held;
        } finally {
            lock.unlock();
        }
    }

    private void hold(Turn turn) {
        turn.isRunning = false;
        turn.usedUp = false;
        turn.held = true;
        holders.add(turn);
    }

    private void dequeue(Turn turn) {
        lock.lock();
        try {
            turn.vcpu = null;
            turn.isAside = false;
            if (turn.held) {
                turn.held = false;
                holders.remove(turn);
                handOn();
            } else if (!fresh.remove(turn)) {
                spent.remove(turn);
            }
        } finally {
            lock.unlock();
        }
    }

    private void handOn() {
        Turn next = next();
        if (next != null) {
            hold(next);
            next.interrupt();
        }
    }

    private @Nullable Turn next() {
        Turn patient = spent.peek();
        boolean isLate = patient != null && System.nanoTime() - patient.since > PATIENCE_NANOS;
        // One late and one fresh by turns: all late ones at a time would hold up the fresh for
        // long.
        lateIsNext = isLate && !lateIsNext;
        return fresh.isEmpty() || lateIsNext ? spent.poll() : fresh.poll();
    }

    // Only while somebody waits.
    private void watch() {
        if (!isWatched) {
            isWatched = true;
            var unused = time.schedule(this::look, SLICE_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    private void look() {
        lock.lock();
        try {
            isWatched = false;
            long now = System.nanoTime();
            for (int i = holders.size() - 1; i >= 0 && isAwaited(); i--) {
                Turn turn = holders.get(i);
                if (turn.isRunning && now - turn.since >= SLICE_NANOS) {
                    turn.held = false;
                    turn.usedUp = true;
                    holders.remove(i);
                    handOn();
                    if (turn.vcpu != null) {
                        turn.vcpu.kick();
                    }
                }
            }
            if (isAwaited()) {
                watch();
            }
        } finally {
            lock.unlock();
        }
    }

    private boolean isAwaited() {
        return !fresh.isEmpty() || !spent.isEmpty();
    }
}
