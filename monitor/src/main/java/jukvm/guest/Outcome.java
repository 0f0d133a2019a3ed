package jukvm.guest;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import jukvm.call.TrapFrame;
import jukvm.monitor.GuestRun;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;

/**
 * How a run ended. Whoever only counts, logs or decides asks for {@link #kind}, {@link #message} or
 * {@link #isSuccess}; each kind has more to tell.
 */
public sealed interface Outcome {
    /** What Solo5's guests pass to HALT when they abort. Source: solo5.h, SOLO5_EXIT_ABORT. */
    int ABORT_STATUS = 255;

    /** Returns the kind of end. */
    OutcomeKind kind();

    /**
     * Returns what happened, in one line for an operator or a log: who did it, and the numbers. The
     * guest may have chosen numbers in it, and no text.
     */
    String message();

    /**
     * Returns the exit status of a guest that ended by itself: what it passed, or {@link
     * #ABORT_STATUS} if it aborted; empty if it was stopped.
     */
    default OptionalInt exitStatus() {
        return OptionalInt.empty();
    }

    /** Returns whether the guest ended by itself with status 0. */
    default boolean isSuccess() {
        return exitStatus().orElse(ABORT_STATUS) == 0;
    }

    /**
     * The guest ended by itself.
     *
     * @param status what it passed, any int; 0 in dialects that cannot pass one
     */
    record Exited(int status) implements Outcome {
        @Override
        public OutcomeKind kind() {
            return OutcomeKind.EXITED;
        }

        @Override
        public String message() {
            return "guest exited with status " + status;
        }

        @Override
        public OptionalInt exitStatus() {
            return OptionalInt.of(status);
        }
    }

    /**
     * The guest gave up: its runtime met a failed assertion or an exception it has no answer to.
     *
     * @param frame the exception, if the guest told of one; hostile
     */
    record Aborted(Optional<TrapFrame> frame) implements Outcome {
        @Override
        public OutcomeKind kind() {
            return OutcomeKind.ABORTED;
        }

        @Override
        public String message() {
            return frame.isPresent()
                    ? "guest aborted after an exception: " + frame.get()
                    : "guest aborted";
        }

        @Override
        public OptionalInt exitStatus() {
            return OptionalInt.of(ABORT_STATUS);
        }
    }

    /**
     * The guest did what no guest may do, and was stopped.
     *
     * @param reason how it left the VM: the name of KVM's exit reason, or TRAP at ring 3
     * @param message what it did, in a line, with the address of the instruction
     * @param registers of the guest when it left
     * @param code up to 16 bytes at the instruction, in hexadecimal; empty outside guest memory
     * @param backtrace where it was, then where that was called from, and so on, as far as the
     *     guest keeps frame pointers: addresses, with names as in {@code 0x100033 guest_main+0x13}
     *     if its image has symbols; hostile
     */
    record Faulted(
            String reason, String message, Registers registers, String code, List<String> backtrace)
            implements Outcome {
        /** Makes a fault of a list that may still change. */
        public Faulted {
            backtrace = List.copyOf(backtrace);
        }

        /** Returns the same fault, told from where. */
        public Faulted withBacktrace(List<String> from) {
            return new Faulted(reason, message, registers, code, from);
        }

        @Override
        public OutcomeKind kind() {
            return OutcomeKind.FAULTED;
        }
    }

    /**
     * The guest was still running when its time was up.
     *
     * @param deadline what it was given
     */
    record DeadlineExpired(Duration deadline) implements Outcome {
        @Override
        public OutcomeKind kind() {
            return OutcomeKind.DEADLINE;
        }

        @Override
        public String message() {
            return "guest stopped: its deadline of " + text(deadline.toNanos()) + " expired";
        }

        private static String text(long nanos) {
            if (nanos % 1_000_000_000 == 0) {
                return nanos / 1_000_000_000 + "s";
            }
            return nanos % 1_000_000 == 0 ? nanos / 1_000_000 + "ms" : nanos / 1e6 + "ms";
        }
    }

    /**
     * The guest used up what it was given.
     *
     * @param limit of what
     * @param allowed how much it was given, in the limit's unit
     */
    record LimitExceeded(Limit limit, long allowed) implements Outcome {
        @Override
        public OutcomeKind kind() {
            return OutcomeKind.LIMIT;
        }

        @Override
        public String message() {
            return "guest stopped: it used more than " + allowed + " " + limit.unit();
        }
    }

    /**
     * The guest was stopped by {@link GuestRun#cancel}, {@link GuestRun#close}, {@link
     * Monitor#close}, the cancellation of its future or the interruption of who awaits it.
     */
    record Cancelled() implements Outcome {
        @Override
        public OutcomeKind kind() {
            return OutcomeKind.CANCELLED;
        }

        @Override
        public String message() {
            return "guest stopped";
        }
    }

    /**
     * The guest came to the point at which {@link Monitor#snapshot} was to stop it, for good.
     * Metrics and recordings have it; whoever asked has the {@link Snapshot}.
     */
    record Snapshotted() implements Outcome {
        @Override
        public OutcomeKind kind() {
            return OutcomeKind.SNAPSHOT;
        }

        @Override
        public String message() {
            return "guest stopped: its snapshot was taken";
        }
    }

    /**
     * The host failed the guest.
     *
     * @param message what was refused and why, in a line, with the remedy if there is one
     * @param errno of the host; 0 if there was none
     */
    record HostError(String message, int errno) implements Outcome {
        @Override
        public OutcomeKind kind() {
            return OutcomeKind.HOST_ERROR;
        }
    }

    /**
     * The process died that the guest ran in, or it did what no worker does and was ended. Only
     * where guests have processes of their own.
     *
     * @param how in a few words, as in {@code was killed by signal 9}
     */
    record WorkerDied(String how) implements Outcome {
        @Override
        public OutcomeKind kind() {
            return OutcomeKind.WORKER_DIED;
        }

        @Override
        public String message() {
            return "guest lost: its worker process " + how;
        }
    }
}
