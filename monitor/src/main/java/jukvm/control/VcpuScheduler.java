package jukvm.control;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import jukvm.kvm.Vcpu;
import org.jspecify.annotations.Nullable;

/**
 * Lets as many vCPUs run at once as there are processors, the others in turn. Left to the kernel, a
 * crowd of guests that compute would keep the JVM itself waiting: a collection of garbage, the
 * thread that keeps time, the start of another guest. Here none of them competes with more threads
 * than there are processors.
 *
 * <p>A guest keeps its turn until it waits or ends, or, if others are waiting, for {@link
 * #SLICE_NANOS}. Who is next, {@link TurnQueue} says. Thread-safe.
 */
public final class VcpuScheduler {
    /** How long a turn is if others wait, in nanoseconds. */
    static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);

    private static final int ASKED = 1;
    private static final int SPENT = 2;

    private final Time time;
    private final int processors;
    private final ReentrantLock lock = new ReentrantLock();
    private final List<Turn> holders = new ArrayList<>();
    private final TurnQueue<Turn> waiting = new TurnQueue<>();
    private boolean isWatched;

    /**
     * Makes one.
     *
     * @param processors how many vCPUs may run at once
     */
    public VcpuScheduler(Time time, int processors) {
        this.time = time;
        this.processors = processors;
    }

    /** One guest's place in it; belongs to its vCPU's thread, but for {@link #interrupt}. */
    public final class Turn {
        private volatile @Nullable Thread thread;
        private volatile boolean held;
        private final AtomicReference<@Nullable Runnable> errand = new AtomicReference<>();

        // Under the lock.
        private boolean isRunning; // It has noticed: its slice counts from there.
        private long since; // When it did.
        private @Nullable Vcpu vcpu;
        private boolean usedUp;
        private int pauses; // Why it is paused, a bit each.
        private boolean isAside; // It waits for its turn and for the end of all pauses.

        /** Returns whether it is the guest's turn; cheap enough to ask before every KVM_RUN. */
        public boolean isHeld() {
            return held;
        }

        /** Waits until it is the guest's turn, or it is to be stopped. */
        public void take(Vcpu running, RunState run) {
            thread = Thread.currentThread();
            boolean interrupted = false; // By the embedder, for its callbacks to see: not here.
            do {
                runErrand();
                enqueue(this, running);
                while (errand.get() == null && !(held && notice(this)) && run.reason() == null) {
                    LockSupport.park(VcpuScheduler.this);
                    interrupted |= Thread.interrupted();
                }
                if (errand.get() != null) {
                    give();
                }
            } while (errand.get() != null && run.reason() == null);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }

        /**
         * Has the guest's thread do something once it has left the guest and waits for its turn, or
         * is about to wait for something else; from any other thread.
         *
         * @return false if there is something already that it is to do
         */
        public boolean send(Runnable task) {
            boolean isAlone = errand.compareAndSet(null, task);
            if (isAlone) {
                revoke(this);
                interrupt();
            }
            return isAlone;
        }

        /** Takes back what was {@link #send sent}; false if the guest's thread has it by now. */
        public boolean withdraw(Runnable task) {
            return errand.compareAndSet(task, null);
        }

        /** Gives it to another guest and does what was sent, because this one will wait. */
        public void leave() {
            give();
            runErrand();
        }

        private void runErrand() {
            Runnable task = errand.getAndSet(null);
            if (task != null) {
                task.run();
            }
        }

        /** Makes {@link #take} look whether the guest is to be stopped; from any thread. */
        public void interrupt() {
            LockSupport.unpark(thread);
        }

        /** Keeps it from the guest until {@link #resume}; from any thread. */
        public void pause() {
            VcpuScheduler.this.pause(this, ASKED);
        }

        /** Lets the guest have it again; from any thread. */
        public void resume() {
            VcpuScheduler.this.resume(this, ASKED);
        }

        /** Keeps it from the guest, which has used up its quota, until {@link #earn}. */
        void spend() {
            VcpuScheduler.this.pause(this, SPENT);
        }

        /** Lets the guest have it again, unless it is paused, too. */
        void earn() {
            VcpuScheduler.this.resume(this, SPENT);
        }

        /** Gives it to another guest, because this one will wait for something or has ended. */
        public void give() {
            dequeue(this);
        }
    }

    /** Returns a place for a guest. */
    public Turn turn() {
        return new Turn();
    }

    private void enqueue(Turn turn, Vcpu vcpu) {
        lock.lock();
        try {
            turn.vcpu = vcpu;
            if (turn.pauses != 0) {
                turn.isAside = true;
            } else {
                line(turn);
            }
        } finally {
            lock.unlock();
        }
    }

    private void line(Turn turn) {
        if (holders.size() < processors) {
            hold(turn);
        } else {
            waiting.add(turn, turn.usedUp, time.now());
            watch();
        }
    }

    private void pause(Turn turn, int why) {
        lock.lock();
        try {
            turn.pauses |= why;
            if (turn.held) {
                turn.held = false;
                turn.isAside = !turn.isRunning; // Then its thread still waits for it.
                holders.remove(turn);
                handOn();
                if (turn.vcpu != null) {
                    turn.vcpu.kick();
                }
            } else if (waiting.remove(turn)) {
                turn.isAside = true;
            }
        } finally {
            lock.unlock();
        }
    }

    // One that has not noticed yet finds why when it does.
    private void revoke(Turn turn) {
        lock.lock();
        try {
            if (turn.held && turn.isRunning) {
                turn.held = false;
                holders.remove(turn);
                handOn();
                if (turn.vcpu != null) {
                    turn.vcpu.kick();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void resume(Turn turn, int why) {
        lock.lock();
        try {
            turn.pauses &= ~why;
            if (turn.pauses == 0 && turn.isAside) {
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
                turn.since = time.now();
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
            } else {
                waiting.remove(turn);
            }
        } finally {
            lock.unlock();
        }
    }

    private void handOn() {
        Turn next = waiting.poll(time.now());
        if (next != null) {
            hold(next);
            next.interrupt();
        }
    }

    // Only while somebody waits.
    private void watch() {
        if (!isWatched) {
            isWatched = true;
            time.schedule(this::look, SLICE_NANOS);
        }
    }

    private void look() {
        lock.lock();
        try {
            isWatched = false;
            long now = time.now();
            for (int i = holders.size() - 1; i >= 0 && !waiting.isEmpty(); i--) {
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
            if (!waiting.isEmpty()) {
                watch();
            }
        } finally {
            lock.unlock();
        }
    }
}
