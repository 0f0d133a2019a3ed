package jukvm.monitor;

import java.util.concurrent.CompletableFuture;
import jukvm.control.MonitorThread;
import jukvm.error.GuestException;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.io.SparseOutput;
import jukvm.run.GuestSession;
import jukvm.vm.SnapshotState;

/**
 * A guest that was started, or waits in a {@link RunQueue}.
 *
 * <p>Thread-safe. Its vCPU runs on a platform thread of its own, and that is where the embedder's
 * console and devices are called. The guest is hostile and cannot throw anything at the embedder:
 * whatever it does ends in an {@link Outcome}.
 */
public final class GuestRun implements AutoCloseable {
    private final GuestSession session;
    private final CompletableFuture<RunResult> result;

    GuestRun(GuestSession session) {
        this.session = session;
        this.result = session.result().copy();
        var unused =
                result.whenComplete(
                        (how, thrown) -> {
                            if (!session.result().isDone()) {
                                cancel();
                            }
                        });
        session.request();
    }

    /** Begins it, unless it was stopped meanwhile. */
    void begin() {
        session.begin();
    }

    /** Returns what is complete when the guest has ended, whoever completes {@link #result}. */
    CompletableFuture<RunResult> end() {
        return session.result();
    }

    /**
     * Returns a future of how it ends; or of what the console or a device of the embedder's threw.
     * It is completed on a thread of the monitor's that no other guest waits for, whoever stopped
     * the guest, and before its VM is cleaned: what takes long keeps the VM from other guests, and
     * belongs on another thread, as by {@link CompletableFuture#thenAcceptAsync}. Cancelling it, or
     * completing it in any other way such as {@link CompletableFuture#orTimeout}, stops the guest,
     * which then ends a moment later; {@link #close} waits for that.
     */
    public CompletableFuture<RunResult> result() {
        return result;
    }

    /**
     * Waits for the guest's end. No device of its is called after this returns, but one that did
     * not come back within 5 s after the guest was stopped is not waited for.
     *
     * @throws InterruptedException if the calling thread is interrupted; the guest was stopped
     *     then, and has ended
     * @throws RuntimeException whatever the console or a device of the embedder's threw, while the
     *     guest ran or at its end; the guest has ended then, and everything else that belongs to
     *     its end is done: all disks are flushed. What was thrown after that is suppressed in it
     */
    public RunResult await() throws InterruptedException {
        try {
            return GuestEnd.get(end());
        } catch (InterruptedException e) {
            cancel();
            GuestEnd.await(end());
            throw new InterruptedException("the guest was stopped");
        }
    }

    /** Waits for the snapshot for which it was started, as {@link Monitor#snapshot} has it. */
    Snapshot awaitSnapshot(SnapshotPoint point) throws InterruptedException {
        boolean isHandedOver = false;
        try {
            RunResult ended = await();
            SnapshotState taken = session.snapshot();
            if (taken == null) {
                throw new GuestException(
                        "guest ended before the snapshot at "
                                + point
                                + ": "
                                + ended.outcome().message());
            }
            isHandedOver = true;
            return new Snapshot(taken);
        } finally {
            SnapshotState left = isHandedOver ? null : session.snapshot();
            if (left != null) {
                left.close();
            }
        }
    }

    /**
     * Takes a snapshot of the guest where it is, and lets it go on: at its next hypercall, which
     * its clones make first, or at once if it waits in a poll. The guest stands still meanwhile,
     * for as long as its pages that are not zero take to be copied, and its time goes on. Any
     * number of times, from any thread but the guest's own.
     *
     * @throws InterruptedException if the calling thread is interrupted; no snapshot is left, and
     *     the guest goes on
     * @throws GuestException if the guest ends before
     * @throws jukvm.error.ConfigException if it has a debugger, is recorded, or runs in a process
     *     of its own: what state that has is in no snapshot
     * @throws jukvm.error.HostException if the host has no descriptor or memory for it
     */
    public Snapshot snapshot() throws InterruptedException {
        CompletableFuture<SnapshotState> asked = session.branch();
        try {
            return new Snapshot(GuestEnd.get(asked));
        } catch (InterruptedException e) {
            if (!asked.cancel(false) && !asked.isCompletedExceptionally()) {
                asked.join().close(); // It was taken just then.
            }
            throw e;
        }
    }

    /** Stops the guest with {@link Outcome.Cancelled}, and does not wait for its end. */
    public void cancel() {
        session.cancel();
    }

    /**
     * Gives the guest no turn on a processor until {@link #resume}, from the end of the hypercall
     * it is in; if it has not started, it starts and then waits. Its deadline goes on counting.
     * From any thread, any number of times.
     */
    public void pause() {
        session.pause();
    }

    /** Lets the guest go on, if it was paused. From any thread, any number of times. */
    public void resume() {
        session.resume();
    }

    /**
     * Writes a core of the guest as it is now, on the calling thread, and lets it go on. It stands
     * still meanwhile: in the middle of what it computes, or in a poll; what else it waits for, it
     * waits for first. Its deadline goes on counting, and its processor time does not. Not for the
     * guest's own console and devices.
     *
     * @return the core's path
     * @throws jukvm.error.ConfigException if the guest has not begun, has ended, is in a process of
     *     its own, or does not come to rest for 10 s
     * @throws jukvm.error.HostException if the core cannot be written; then nothing of it is left
     */
    public String dumpCore(CoreDumps to) {
        return to.write(session::core);
    }

    /** The same, to another place. */
    @SuppressWarnings("exports") // For the modules of the library.
    public void dumpCore(SparseOutput to) {
        session.core(to);
    }

    /**
     * Stops the guest and waits for its end. From any thread, any number of times. Called by a
     * guest's device, or by what hangs on its result, it does not wait.
     */
    @Override
    public void close() {
        cancel();
        if (!MonitorThread.isCurrent()) {
            GuestEnd.await(end());
        }
    }
}
