package jukvm.tests.hostile;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jukvm.call.Hypercall;
import jukvm.device.Console;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Code;
import jukvm.tests.support.Crowded;
import jukvm.tests.support.Patience;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A guest that is parked leaves nothing in the VM that it leaves, and finds nothing of others in
 * the one that it goes on in.
 */
@RequiresKvm
@Timeout(300)
final class ParkedGuestIT {
    private static final int GUESTS = 10;
    private static final Duration WAIT = Patience.of(Duration.ofSeconds(6));

    @ParameterizedTest
    @ValueSource(longs = {1, Monitor.DEFAULT_KEEP})
    void shouldKeepItsRegistersToItself(long keepBytes) throws Exception {
        GuestImage image = TinyGuest.image("registers", FullRegisters.code(WAIT));
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        try (Monitor other = Monitor.open()) {
            Outcome outcome = Run.run(other, registers(image, printed)).outcome();
            assertEquals(new Outcome.Exited(Code.DONE), outcome);
        }
        FullRegisters alone = new FullRegisters(printed.toByteArray());
        SelfPortrait portrait = SelfPortrait.at(PrivilegeMode.RING_3);
        try (Crowded crowd = new Crowded(keepBytes)) {
            Monitor monitor = crowd.monitor();
            List<ByteArrayOutputStream> consoles = new ArrayList<>();
            List<GuestRun> runs = new ArrayList<>();
            for (int i = 0; i < GUESTS; i++) {
                consoles.add(new ByteArrayOutputStream());
                runs.add(monitor.start(registers(image, consoles.get(i))));
            }
            crowd.awaitParked(GUESTS);
            for (int i = 0; i < GUESTS; i++) {
                portrait.assertUnhurt(monitor, "a guest that is parked");
            }
            for (int i = 0; i < GUESTS; i++) {
                assertGoneOn(runs.get(i).await(), alone, consoles.get(i).toByteArray());
                portrait.assertUnhurt(monitor, "a guest that was parked");
            }
        }
    }

    private static GuestSpec registers(GuestImage image, ByteArrayOutputStream printed) {
        return GuestSpec.of(image)
                .memory(Hostile.MEMORY)
                .privilege(PrivilegeMode.RING_3)
                .deadline(Run.LONG)
                .console(Console.to(printed));
    }

    private static void assertGoneOn(RunResult result, FullRegisters alone, byte[] printed) {
        assertEquals(new Outcome.Exited(Code.DONE), result.outcome());
        assertEquals(1, result.counters().hypercalls().get(Hypercall.POLL));
        assertTrue(
                result.counters().waitedNanos() > WAIT.toNanos() / 2); // Not before it left alone.
        FullRegisters found = new FullRegisters(printed);
        assertArrayEquals(alone.values(), found.values());
        double counted = found.waitedNanos() / WAIT.toNanos();
        double took = (double) result.timeline().startToExit() / WAIT.toNanos();
        assertTrue(counted > 0.999 && counted < took, counted + " of " + took);
    }
}
