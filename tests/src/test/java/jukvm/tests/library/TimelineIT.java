package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import jukvm.call.Hypercall;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.Timeline;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.Test;

/** The marks of a run are all there and in order, and its counters are exact. */
@RequiresKvm
final class TimelineIT {
    @Test
    void shouldMarkEveryPhaseInOrder() {
        try (Monitor monitor = Monitor.open()) {
            Run run = Run.of(monitor, Guests.prebuilt("hello.hvt"), PrivilegeMode.AUTO, "Hello");
            Timeline t = run.result().timeline();
            List<Long> marks =
                    List.of(
                            t.requested(),
                            t.imageRead(),
                            t.vmReady(),
                            t.laidOut(),
                            t.entered(),
                            t.firstHypercall(),
                            t.firstConsoleByte(),
                            t.halted(),
                            t.freed());
            for (int i = 1; i < marks.size(); i++) {
                assertTrue(marks.get(i) - marks.get(i - 1) >= 0, "mark " + i + " of " + t);
            }
            assertTrue(t.bootToExit() > 0 && t.bootToExit() <= t.startToExit(), t.toString());
            assertEquals(2, run.result().counters().exits());
            assertEquals(run.console().length(), run.result().counters().consoleBytes());
            assertEquals(
                    Map.of(Hypercall.PUTS, 1L, Hypercall.HALT, 1L),
                    run.result().counters().hypercalls());
        }
    }
}
