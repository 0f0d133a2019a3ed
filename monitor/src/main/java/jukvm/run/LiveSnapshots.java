package jukvm.run;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import jukvm.call.Hypercall;
import jukvm.error.GuestException;
import jukvm.hypercall.GuestHypercalls;
import jukvm.hypercall.Hypercalls;
import jukvm.memory.GuestMemory;
import jukvm.vm.SnapshotState;
import org.jspecify.annotations.Nullable;

/**
 * Snapshots of a guest that goes on. They are asked for from any thread, and taken by the vCPU's:
 * before it answers the guest's next hypercall, or within the poll in which the guest waits. Their
 * clones make that hypercall again.
 */
final class LiveSnapshots {
    private static final String ENDED = "guest ended before its snapshot was taken";

    private final Queue<CompletableFuture<SnapshotState>> asked = new ConcurrentLinkedQueue<>();
    private volatile boolean isOver;
    private @Nullable Calls polling; // Of the vCPU's thread: where the guest is in a poll.

    /** Takes one, of a guest that makes a hypercall. */
    @FunctionalInterface
    interface Taker {
        /**
         * Takes it.
         *
         * @throws RuntimeException if it cannot be taken; the guest is as before
         */
        SnapshotState take(int port, long gpa);
    }

    /**
     * Asks for one; from any thread.
     *
     * @param nudge has the vCPU's thread look, if it waits
     * @return what is completed on that thread; whoever cancels it has none
     */
    CompletableFuture<SnapshotState> ask(Runnable nudge) {
        CompletableFuture<SnapshotState> answer = new CompletableFuture<>();
        asked.add(answer);
        nudge.run();
        if (isOver) {
            refuseAll();
        }
        return answer;
    }

    /** Returns hypercalls at which snapshots are taken. */
    Hypercalls over(GuestHypercalls kinds, Hypercalls calls, Taker taker) {
        return new Calls(kinds, calls, taker);
    }

    /** Takes what was asked for of a guest that is in a poll; before its thread waits. */
    void takeAsked() {
        if (polling != null && !asked.isEmpty()) {
            polling.takeAll();
        }
    }

    /** Takes none from now on. */
    void end() {
        isOver = true;
        refuseAll();
    }

    private void refuseAll() {
        for (var one = asked.poll(); one != null; one = asked.poll()) {
            one.completeExceptionally(new GuestException(ENDED));
        }
    }

    private final class Calls implements Hypercalls {
        private final GuestHypercalls kinds;
        private final Hypercalls calls;
        private final Taker taker;
        private int port;
        private long gpa;

        Calls(GuestHypercalls kinds, Hypercalls calls, Taker taker) {
            this.kinds = kinds;
            this.calls = calls;
            this.taker = taker;
        }

        @Override
        public boolean call(int called, GuestMemory memory, long passed) {
            port = called;
            gpa = passed;
            Hypercall kind = kinds.kind(called);
            if (kind != null && !asked.isEmpty()) {
                takeAll();
            }
            if (kind != Hypercall.POLL) {
                return calls.call(called, memory, passed);
            }
            polling = this;
            try {
                return calls.call(called, memory, passed);
            } finally {
                polling = null;
            }
        }

        private void takeAll() {
            for (var one = asked.poll(); one != null; one = asked.poll()) {
                if (!one.isDone()) {
                    take(one);
                }
            }
        }

        private void take(CompletableFuture<SnapshotState> answer) {
            try {
                SnapshotState taken = taker.take(port, gpa);
                if (!answer.complete(taken)) {
                    taken.close(); // Whoever asked was interrupted meanwhile.
                }
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        }
    }
}
