package jukvm.junit;

import java.util.OptionalInt;
import jukvm.hypercall.TrapFrame;
import jukvm.monitor.Outcome;

/** How guests end, in words. */
final class Ends {
    private Ends() {}

    /** Returns the exit status of a guest that ended by itself. */
    static OptionalInt status(Outcome outcome) {
        if (outcome instanceof Outcome.Exited exited) {
            return OptionalInt.of(exited.status());
        }
        return outcome instanceof Outcome.Aborted
                ? OptionalInt.of(Outcome.ABORT_STATUS)
                : OptionalInt.empty();
    }

    /** Returns what becomes a sentence behind the guest's name. */
    static String words(Outcome outcome) {
        if (outcome instanceof Outcome.Exited exited) {
            return "exited with status " + exited.status();
        }
        if (outcome instanceof Outcome.Aborted aborted) {
            return "aborted" + aborted.frame().map(Ends::words).orElse("");
        }
        if (outcome instanceof Outcome.Faulted fault) {
            return "faulted (" + fault.reason() + "): " + fault.message();
        }
        if (outcome instanceof Outcome.DeadlineExpired expired) {
            return "still ran at its deadline of " + Quantity.seconds(expired.deadline());
        }
        if (outcome instanceof Outcome.LimitExceeded exceeded) {
            return "stopped: it used more than "
                    + exceeded.allowed()
                    + " "
                    + exceeded.limit().unit();
        }
        if (outcome instanceof Outcome.HostError error) {
            return "was failed by the host: " + error.message();
        }
        return "was stopped";
    }

    private static String words(TrapFrame frame) {
        return String.format(
                " after an exception: rip=0x%x error=0x%x cr2=0x%x rsp=0x%x rflags=0x%x",
                frame.rip(), frame.error(), frame.cr2(), frame.rsp(), frame.rflags());
    }
}
