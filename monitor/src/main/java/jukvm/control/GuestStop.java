package jukvm.control;

import java.util.concurrent.TimeUnit;
import jukvm.device.Console;
import jukvm.guest.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Stops one guest from any thread, wherever its own thread is: in KVM_RUN, waiting for its turn, in
 * a poll, or in a write to its console. One that does not come back in time, from a disk that hangs
 * or a device of the embedder's, is abandoned with all that it uses, and gives that back when it
 * returns.
 *
 * <p>Thread-safe.
 */
public final class GuestStop {
    /** How long the thread of a guest that is stopped may take, in nanoseconds. */
    public static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);

    // How long to wait for a vCPU that was kicked before kicking it again.
    private static final long INSIST_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    /** What is done about a run that no VM's thread ends; both are called on a thread aside. */
    public interface Ending {
        /** Ends a run that was stopped before it had a VM. */
        void endUnstarted();

        /** Delivers the result of a run whose thread has not come back. */
        void abandon(Outcome reason);
    }

    private final RunState state;
    private final Runnable waker;
    private final Console console;
    private final Time time;
    private final BackgroundTasks background;
    private final Ending ending;
    private volatile @Nullable Runnable kick;
    private volatile boolean wasEntered;
    private Time.@Nullable Timer kicking;
    private Time.@Nullable Timer patience;
    private long patienceNanos = PATIENCE_NANOS;

    /**
     * Makes one.
     *
     * @param state decides who stops the guest, and what for
     * @param waker ends every wait of the guest's thread, from any other
     * @param console to which it may be writing
     */
    public GuestStop(
            RunState state,
            Runnable waker,
            Console console,
            Time time,
            BackgroundTasks background,
            Ending ending) {
        this.state = state;
        this.waker = waker;
        this.console = console;
        this.time = time;
        this.background = background;
        this.ending = ending;
    }

    /** Stops the guest with an outcome; nothing if it has ended. */
    public void ask(Outcome reason) {
        switch (state.stop(reason)) {
            case UNSTARTED -> {
                awaitEnd();
                background.run(ending::endUnstarted);
            }
            case FIRST -> {
                reach();
                keepKicking();
                if (wasEntered) {
                    background.run(this::stopConsole);
                }
                awaitEnd();
            }
            case AGAIN -> reach();
            case LATE -> {}
        }
    }

    // The kick goes first: a guest that is woken from its poll must find it before it runs on.
    private void reach() {
        Runnable running = kick;
        if (running != null) {
            running.run();
        }
        waker.run();
    }

    private synchronized void keepKicking() {
        Runnable running = kick;
        if (running != null) {
            running.run();
            kicking = time.schedule(this::keepKicking, INSIST_NANOS);
        }
    }

    // The embedder's: whoever asks must not wait for it, least of all the thread that keeps time.
    private void stopConsole() {
        if (state.phase() != RunState.Phase.ENDED) {
            console.stop();
        }
    }

    private synchronized void awaitEnd() {
        if (state.phase() != RunState.Phase.ENDED) {
            patience = time.schedule(this::abandon, patienceNanos);
        }
    }

    private void abandon() {
        Outcome reason = state.abandon();
        if (reason != null) {
            background.run(() -> ending.abandon(reason));
        }
    }

    /**
     * Lets kicks reach what runs the guest; a stop that was asked for before is found by looking,
     * after this.
     *
     * @param running has the guest leave, from any thread; again each millisecond until it has
     */
    public synchronized void attach(Runnable running) {
        wasEntered = true;
        kick = running;
    }

    /**
     * Has its thread take longer from now on, for what is done at a guest's end.
     *
     * @param nanos until it is given up, if it is stopped
     */
    public synchronized void allow(long nanos) {
        patienceNanos = nanos;
        if (patience != null) {
            Time.cancel(patience);
            awaitEnd();
        }
    }

    /** Kicks no more; the guest has left for the last time. */
    public synchronized void detach() {
        kick = null;
        Time.cancel(kicking);
    }

    /**
     * Says that nothing of the guest is left that could be stopped.
     *
     * @return whether its result is still to be delivered
     */
    public synchronized boolean ended() {
        Time.cancel(patience);
        return state.end();
    }
}
