package jukvm.junit;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import jukvm.error.ConfigException;
import jukvm.guest.RunResult;

/**
 * What a test expects of its guest.
 *
 * @param status it ends with; any end will do if empty
 * @param console what it prints, in this order
 * @param within how long it may take from its start to its end
 */
record Expected(OptionalInt status, List<String> console, Optional<Duration> within) {
    /**
     * Returns what an annotation expects.
     *
     * @throws ConfigException if a duration is none
     */
    static Expected of(Unikernel wanted) {
        return new Expected(
                wanted.expectStatus() == Unikernel.ANY_STATUS
                        ? OptionalInt.empty()
                        : OptionalInt.of(wanted.expectStatus()),
                List.of(wanted.expectConsole()),
                wanted.within().isEmpty()
                        ? Optional.empty()
                        : Optional.of(Quantity.duration("within", wanted.within())));
    }

    /** Returns the same, and a status of 0 if none is expected. */
    Expected orSuccess() {
        return status.isPresent() ? this : new Expected(OptionalInt.of(0), console, within);
    }

    /** Returns what a run did not do, half a sentence each. */
    List<String> unmetBy(RunResult result, String printed) {
        List<String> unmet = new ArrayList<>();
        if (status.isPresent() && !result.outcome().exitStatus().equals(status)) {
            unmet.add("expected status " + status.getAsInt() + ": " + result.outcome().message());
        }
        int from = 0;
        for (String text : console) {
            int at = printed.indexOf(text, from);
            if (at < 0) {
                String where = from == 0 ? "" : " after what was expected before";
                unmet.add("expected \"" + text + "\" on its console" + where);
                break;
            }
            from = at + text.length();
        }
        Duration took = Duration.ofNanos(result.timeline().startToExit());
        within.filter(budget -> took.compareTo(budget) > 0)
                .ifPresent(
                        budget ->
                                unmet.add(
                                        "took "
                                                + Quantity.seconds(took)
                                                + ", expected within "
                                                + Quantity.seconds(budget)));
        return unmet;
    }
}
