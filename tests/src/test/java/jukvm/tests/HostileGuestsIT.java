package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import jukvm.monitor.Monitor;
import jukvm.monitor.Outcome;
import jukvm.monitor.Ring;
import jukvm.monitor.RunResult;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Guests that do what no guest should, one after another in one JVM: each comes to its end and to
 * no other, in time, and a guest that behaves runs after it as if nothing had happened.
 */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class HostileGuestsIT {
    private static final Duration LATE = Duration.ofSeconds(1);

    private final Monitor monitor = Monitor.open();

    @AfterAll
    void close() {
        monitor.close();
    }

    static Stream<Arguments> guests() {
        return Stream.of(
                        HostileCalls.guests(),
                        HostilePorts.guests())
                .flatMap(List::stream)
                .flatMap(guest -> guest.rings().stream().map(ring -> Arguments.of(guest, ring)));
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("guests")
    void shouldEndAsItMust(Hostile guest, Ring ring) {
        RunResult result = Run.run(guest.tender(monitor, ring).build());
        Hostile.End end = guest.end(monitor, ring);
        assertTrue(
                end.holds().test(result.outcome()),
                () -> "expected " + end + ", was " + result.outcome());
        assertEquals(guest.consoleBytes(), result.counters().consoleBytes());
        Duration took = Duration.ofNanos(result.timeline().startToExit());
        assertTrue(took.compareTo(guest.deadline().plus(LATE)) < 0, "ended too late: " + took);
        Run sentinel = Run.of(monitor, Guests.prebuilt("hello.hvt"), Ring.AUTO, "exit=7");
        assertEquals(new Outcome.Exited(7), sentinel.result().outcome());
        assertTrue(sentinel.console().contains("command line: exit=7"), sentinel.console());
    }
}
