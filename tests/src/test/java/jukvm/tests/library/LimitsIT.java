package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.error.ConfigException;
import jukvm.guest.Limit;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;
import jukvm.tests.support.Code;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A guest that uses more than it is given ends by it, and one that does not is left alone. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LimitsIT {
    private static final int COUNT = 1000;

    private final Monitor monitor = Monitor.open();

    @AfterAll
    void close() {
        monitor.close();
    }

    private GuestSpec guest(Code code) {
        return guest(TinyGuest.image("limits", code.bytes()));
    }

    private GuestSpec guest(GuestImage image) {
        return GuestSpec.of(image).memory(16L << 20).deadline(Run.LONG);
    }

    private GuestSpec guest(String name) {
        return guest(GuestImage.read(Guests.prebuilt(name)));
    }

    private static void assertLimit(Limit limit, long allowed, RunResult result) {
        assertEquals(new Outcome.LimitExceeded(limit, allowed), result.outcome());
    }

    /** Calls again and again for ever. */
    private static Code storm(int port, int gpa) {
        Code code = new Code().store(gpa, TinyGuest.TEXT).store(gpa + 8, COUNT);
        int start = code.here();
        return code.call(port, gpa).jump(start);
    }

    @Test
    void shouldStopAtItsCpuTime() {
        Duration allowed = Duration.ofMillis(60);
        RunResult result = Run.run(monitor, guest("spin.hvt").cpuTime(allowed));
        assertLimit(Limit.CPU_TIME, allowed.toNanos(), result);
        long used = result.counters().cpuNanos();
        assertTrue(used >= allowed.toNanos(), "stopped early: " + used);
    }

    @Test
    void shouldLetItComputeForItsShareOfAProcessor() {
        Duration all = Duration.ofSeconds(2);
        RunResult result = Run.run(monitor, guest("spin.hvt").processors(0.2).deadline(all));
        assertEquals(new Outcome.DeadlineExpired(all), result.outcome());
        double share = (double) result.counters().cpuNanos() / all.toNanos();
        assertTrue(share < 0.25, share + " processors");
    }

    @Test
    void shouldNotCountWaitingAsCpuTime() {
        Code waiting =
                new Code()
                        .store(TinyGuest.CALL, Duration.ofMillis(200).toNanos())
                        .call(Code.POLL, TinyGuest.CALL)
                        .done();
        RunResult result = Run.run(monitor, guest(waiting).cpuTime(Duration.ofMillis(100)));
        assertEquals(new Outcome.Exited(Code.DONE), result.outcome());
        long waited = result.counters().waitedNanos();
        assertTrue(waited >= Duration.ofMillis(200).toNanos(), "waited " + waited);
    }

    @Test
    void shouldPrintWhatItMayAndNoMore() {
        ConsoleCapture console = Console.capture(1 << 20);
        RunResult result =
                Run.run(
                        monitor,
                        guest(storm(Code.PUTS, TinyGuest.CALL))
                                .consoleBytes(10 * COUNT + 1)
                                .console(console));
        assertLimit(Limit.CONSOLE, 10 * COUNT + 1, result);
        assertEquals(10 * COUNT + 1, console.bytes().length);
    }

    @Test
    void shouldLetPrintExactlyWhatItMay() {
        Code code = new Code().puts(TinyGuest.TEXT, COUNT).done();
        RunResult result = Run.run(monitor, guest(code).consoleBytes(COUNT));
        assertEquals(new Outcome.Exited(Code.DONE), result.outcome());
    }

    @Test
    void shouldStopAtItsRateOfHypercalls() {
        Code storm = storm(Code.WALLTIME, TinyGuest.CALL);
        RunResult result = Run.run(monitor, guest(storm).hypercallsPerSecond(COUNT));
        assertLimit(Limit.HYPERCALL_RATE, COUNT, result);
        long answered = result.counters().hypercalls().values().iterator().next();
        assertTrue(answered >= COUNT, "stopped after " + answered + " calls");
    }

    // 40 calls in 400 ms: five times what a bucket of 8 holds, and less than 800 a second.
    @Test
    void shouldLetCallSlowly() {
        Code slowly = new Code().store(TinyGuest.CALL, Duration.ofMillis(10).toNanos());
        for (int i = 0; i < 40; i++) {
            slowly.call(Code.POLL, TinyGuest.CALL);
        }
        RunResult result = Run.run(monitor, guest(slowly.done()).hypercallsPerSecond(800));
        assertEquals(new Outcome.Exited(Code.DONE), result.outcome());
    }

    @Test
    void shouldStopAtItsResidentMemory() {
        long allowed = 32L << 20;
        RunResult result =
                Run.run(
                        monitor,
                        guest("traces.hvt")
                                .memory(1L << 30)
                                .arguments("leave")
                                .residentMemory(allowed));
        assertLimit(Limit.MEMORY, allowed, result);
    }

    @Test
    void shouldLetTouchWhatItMay() {
        RunResult result =
                Run.run(monitor, guest("traces.hvt").arguments("leave").residentMemory(17L << 20));
        assertEquals(new Outcome.Exited(0), result.outcome());
    }

    private static final long MUCH = 40L << 20;

    /** Writes to so much memory from 2 MiB on. */
    private static Code fill(Code code) {
        return code.set(Code.RDI, 2L << 20)
                .set(Code.RCX, MUCH / 8)
                .set(Code.RAX, 0x4141414141414141L)
                .op("rep stosq", "f3 48 ab");
    }

    private static Code waiting(Code code, Duration time) {
        return code.store(TinyGuest.CALL, time.toNanos()).call(Code.POLL, TinyGuest.CALL).done();
    }

    /** Returns how a clone ends that begins with much memory, and may make little its own. */
    private Outcome cloneEnd(Code code) throws Exception {
        try (Snapshot snapshot =
                monitor.snapshot(
                        guest(TinyGuest.image("filling", code.bytes())).memory(64L << 20),
                        SnapshotPoint.afterHypercalls(0))) {
            assertTrue(snapshot.bytes() >= MUCH);
            GuestSpec clone = GuestSpec.of(snapshot).deadline(Run.LONG).residentMemory(8L << 20);
            return Run.run(monitor, clone).outcome();
        }
    }

    // Pages of a snapshot are shared until they are written.
    @Test
    void shouldNotCountWhatIsTheSnapshots() throws Exception {
        Code code = fill(new Code()).call(Code.WALLTIME, TinyGuest.CALL);
        assertEquals(new Outcome.Exited(Code.DONE), cloneEnd(waiting(code, Duration.ofMillis(60))));
    }

    @Test
    void shouldCountWhatACloneWritesAgain() throws Exception {
        Code code = fill(fill(new Code()).call(Code.WALLTIME, TinyGuest.CALL));
        assertEquals(
                new Outcome.LimitExceeded(Limit.MEMORY, 8L << 20),
                cloneEnd(waiting(code, Run.LONG)));
    }

    // On a new VM as on a kept one, of an image that is copied as of one that is a template.
    @Test
    void shouldNotCountWhatAGuestBeginsWith() {
        Code code =
                new Code()
                        .store(TinyGuest.CALL, Duration.ofMillis(30).toNanos())
                        .call(Code.POLL, TinyGuest.CALL)
                        .done();
        GuestImage image = TinyGuest.image("begins", code.bytes());
        for (int i = 0; i < 5; i++) {
            RunResult result = Run.run(monitor, guest(image).residentMemory(8 * 4096));
            assertEquals(new Outcome.Exited(Code.DONE), result.outcome());
        }
    }

    @Test
    void shouldRefuseLimitsThatAreNone() {
        GuestSpec guest = guest("spin.hvt");
        assertThrows(ConfigException.class, () -> guest.cpuTime(Duration.ZERO));
        assertThrows(ConfigException.class, () -> guest.processors(0));
        assertThrows(ConfigException.class, () -> guest.processors(Double.NaN));
        assertThrows(ConfigException.class, () -> guest.deadline(Duration.ofSeconds(-1)));
        assertThrows(ConfigException.class, () -> guest.consoleBytes(-1));
        assertThrows(ConfigException.class, () -> guest.hypercallsPerSecond(0));
        assertThrows(ConfigException.class, () -> guest.residentMemory(0));
    }
}
