package jukvm.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import jukvm.guest.Limit;
import jukvm.guest.Outcome;
import jukvm.guest.Registers;
import org.junit.jupiter.api.Test;

class OutcomeTest {
    private static final List<Outcome> ALL =
            List.of(
                    new Outcome.Exited(7),
                    new Outcome.Aborted(Optional.empty()),
                    new Outcome.Faulted(
                            "MMIO", "it did it", new Registers(Map.of()), "", List.of()),
                    new Outcome.DeadlineExpired(Duration.ofMillis(1500)),
                    new Outcome.LimitExceeded(Limit.CONSOLE, 5),
                    new Outcome.Cancelled(),
                    new Outcome.Snapshotted(),
                    new Outcome.HostError("no memory", 12));

    @Test
    void shouldSayWhatHappenedInALine() {
        assertEquals(
                List.of(
                        "exited: guest exited with status 7",
                        "aborted: guest aborted",
                        "faulted: it did it",
                        "deadline: guest stopped: its deadline of 1500ms expired",
                        "limit: guest stopped: it used more than 5 bytes of console output",
                        "cancelled: guest stopped",
                        "snapshot: guest stopped: its snapshot was taken",
                        "host-error: no memory"),
                ALL.stream().map(one -> one.kind() + ": " + one.message()).toList());
    }

    @Test
    void shouldCallOneEndASuccess() {
        assertTrue(new Outcome.Exited(0).isSuccess());
        ALL.forEach(one -> assertFalse(one.isSuccess(), one::toString));
    }

    @Test
    void shouldHaveAnExitStatusIfTheGuestEndedByItself() {
        assertEquals(OptionalInt.of(7), ALL.get(0).exitStatus());
        assertEquals(OptionalInt.of(Outcome.ABORT_STATUS), ALL.get(1).exitStatus());
        ALL.stream().skip(2).forEach(one -> assertEquals(OptionalInt.empty(), one.exitStatus()));
    }
}
