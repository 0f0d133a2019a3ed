package jukvm.cli;

import jukvm.monitor.Outcome;

/** The exit status of the process for an outcome. */
final class ExitStatus {
    private ExitStatus() {}

    /** Returns that of jukvm: what does not fit eight bits does not look like success. */
    static int of(Outcome outcome) {
        boolean wraps =
                outcome instanceof Outcome.Exited exited
                        && exited.status() != 0
                        && (exited.status() & 0xff) == 0;
        return wraps ? Outcome.ABORT_STATUS : solo5(outcome);
    }

    /** Returns that of solo5-hvt: the low eight bits, whatever they are. */
    static int solo5(Outcome outcome) {
        if (outcome instanceof Outcome.Exited exited) {
            return exited.status() & 0xff;
        }
        return outcome instanceof Outcome.Aborted ? Outcome.ABORT_STATUS : Main.FAILURE;
    }
}
