package jukvm.cli.invoker;

import jukvm.guest.Outcome;

/** The exit status of the process for an outcome. */
public final class ExitStatus {
    /** What everything that is not the guest's own end exits with, as solo5-hvt does. */
    public static final int FAILURE = 1;

    private ExitStatus() {}

    /** Returns that of jukvm: what does not fit eight bits does not look like success. */
    public static int of(Outcome outcome) {
        int status = solo5(outcome);
        return status == 0 && !outcome.isSuccess() ? Outcome.ABORT_STATUS : status;
    }

    /** Returns that of solo5-hvt: the low eight bits, whatever they are. */
    public static int solo5(Outcome outcome) {
        return outcome.exitStatus().orElse(FAILURE) & 0xff;
    }
}
