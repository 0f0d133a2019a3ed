package jukvm.monitor;

import java.time.Duration;
import java.util.Optional;
import jukvm.hypercall.TrapFrame;

/** How a run ended. */
public sealed interface Outcome {
    /** What Solo5's guests pass to HALT when they abort. Source: solo5.h, SOLO5_EXIT_ABORT. */
    int ABORT_STATUS = 255;

    /**
     * The guest ended by itself.
     *
     * @param status what it passed, any int; 0 in dialects that cannot pass one
     */
    record Exited(int status) implements Outcome {}

    /**
     * The guest gave up: its runtime met a failed assertion or an exception it has no answer to.
     *
     * @param frame the exception, if the guest told of one; hostile
     */
    record Aborted(Optional<TrapFrame> frame) implements Outcome {}

    /**
     * The guest did what no guest may do, and was stopped.
     *
     * @param reason how it left the VM: the name of KVM's exit reason, or TRAP at ring 3
     * @param message what it did, in a line, with the address of the instruction
     * @param registers of the guest when it left
     * @param code up to 16 bytes at the instruction, in hexadecimal; empty outside guest memory
     */
    record Faulted(String reason, String message, Registers registers, String code)
            implements Outcome {}

    /**
     * The guest was still running when its time was up.
     *
     * @param deadline what it was given
     */
    record DeadlineExpired(Duration deadline) implements Outcome {}

    /**
     * The guest used up what it was given.
     *
     * @param limit of what
     * @param allowed how much it was given, in the limit's unit
     */
    record LimitExceeded(Limit limit, long allowed) implements Outcome {}

    /**
     * The guest was stopped by {@link GuestRun#cancel}, {@link GuestRun#close}, {@link
     * Monitor#close}, the cancellation of its future or the interruption of who awaits it.
     */
    record Cancelled() implements Outcome {}

    /**
     * The guest came to the point at which {@link Monitor#snapshot} was to stop it, for good.
     * Metrics and recordings have it; whoever asked has the {@link Snapshot}.
     */
    record Snapshotted() implements Outcome {}

    /**
     * The host failed the guest.
     *
     * @param message what was refused and why, in a line, with the remedy if there is one
     * @param errno of the host; 0 if there was none
     */
    record HostError(String message, int errno) implements Outcome {}
}
