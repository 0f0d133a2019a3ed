package jukvm.cli;

import jukvm.monitor.Outcome;

/** The exit status of the process for an outcome, as solo5-hvt has it. */
final class ExitStatus {
    private ExitStatus() {}

    static int of(Outcome outcome) {
        if (outcome instanceof Outcome.Exited exited) {
            // What does not fit eight bits must not look like success.
            int low = exited.status() & 0xff;
            return exited.status() != 0 && low == 0 ? Outcome.ABORT_STATUS : low;
        }
        return outcome instanceof Outcome.Aborted ? Outcome.ABORT_STATUS : Main.FAILURE;
    }
}
