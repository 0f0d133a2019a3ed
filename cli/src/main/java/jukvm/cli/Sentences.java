package jukvm.cli;

import java.time.Duration;
import java.util.Optional;
import jukvm.monitor.Outcome;

/** What is said on stderr about an end that is not the guest's own; its own is silent. */
final class Sentences {
    private Sentences() {}

    static Optional<String> of(Outcome outcome) {
        if (outcome instanceof Outcome.Faulted fault) {
            return Optional.of(fault.message());
        }
        if (outcome instanceof Outcome.DeadlineExpired expired) {
            return Optional.of(
                    "guest stopped: its deadline of " + text(expired.deadline()) + " expired");
        }
        if (outcome instanceof Outcome.LimitExceeded exceeded) {
            return Optional.of(
                    "guest stopped: it used more than "
                            + exceeded.allowed()
                            + " "
                            + exceeded.limit().unit());
        }
        if (outcome instanceof Outcome.Cancelled) {
            return Optional.of("guest stopped");
        }
        if (outcome instanceof Outcome.HostError error) {
            return Optional.of(error.message());
        }
        return Optional.empty();
    }

    /** Returns a duration as options spell it. */
    static String text(Duration duration) {
        long nanos = duration.toNanos();
        if (nanos % 1_000_000_000 == 0) {
            return nanos / 1_000_000_000 + "s";
        }
        return nanos % 1_000_000 == 0 ? nanos / 1_000_000 + "ms" : nanos / 1e6 + "ms";
    }
}
