package jukvm.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import jukvm.device.Console;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;
import jukvm.monitor.Outcome;
import jukvm.monitor.Ring;
import jukvm.monitor.RunResult;
import jukvm.monitor.Tender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** VMs that serve one guest after another: nothing passes from one to the next. */
@RequiresKvm
final class ShellIT {
    private static final long MEMORY = 16L << 20;

    private final Monitor monitor = Monitor.open();

    @AfterEach
    void close() {
        monitor.close();
    }

    private record Ended(RunResult result, String console) {
        boolean wasOnAKeptShell() {
            return result.start() == RunResult.Start.SHELL;
        }
    }

    private Ended run(String guest, Ring ring, String... words) {
        return run(guest, ring, Run.LONG, words);
    }

    private Ended run(String guest, Ring ring, Duration deadline, String... words) {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        Path path = Guests.prebuilt(guest + ".hvt");
        RunResult result =
                Run.run(
                        Tender.builder(monitor, GuestImage.read(path))
                                .memory(MEMORY)
                                .ring(ring)
                                .deadline(deadline)
                                .arguments(words)
                                .console(Console.to(console))
                                .build());
        return new Ended(result, console.toString(StandardCharsets.UTF_8));
    }

    // A shell is cleaned after its guest's result is there: the next guest may be too early for it.
    private Ended runOnAKeptShell(String guest, Ring ring, String... words) {
        Ended ended = run(guest, ring, words);
        long patience = System.nanoTime() + Run.LONG.toNanos();
        while (!ended.wasOnAKeptShell() && System.nanoTime() < patience) {
            ended = run(guest, ring, words);
        }
        assertTrue(ended.wasOnAKeptShell(), "no shell was kept");
        return ended;
    }

    private static void assertSuccess(Ended ended) {
        assertEquals("SUCCESS\n", ended.console);
        assertEquals(new Outcome.Exited(0), ended.result.outcome());
    }

    @ParameterizedTest
    @CsvSource({"RING_3, vectors", "RING_0, privileged"})
    void shouldLeaveNoTraceOfAGuestForTheNext(Ring ring, String where) {
        for (int i = 0; i < 20; i++) {
            assertSuccess(run("traces", ring, "leave", where));
            assertSuccess(runOnAKeptShell("traces", ring, "look", where));
        }
    }

    @ParameterizedTest
    @CsvSource({"RING_3", "RING_0"})
    void shouldServeAfterGuestsThatWereStopped(Ring ring) {
        for (int i = 0; i < 10; i++) {
            Ended spun = run("spin", ring, Duration.ofMillis(20));
            assertInstanceOf(Outcome.DeadlineExpired.class, spun.result.outcome());
            assertInstanceOf(Outcome.Faulted.class, run("write-text", ring).result.outcome());
            assertInstanceOf(Outcome.Aborted.class, run("fault", ring).result.outcome());
            assertSuccess(run("traces", ring, "look"));
        }
        assertSuccess(runOnAKeptShell("traces", ring, "look"));
    }

    @Test
    void shouldNotGiveAShellOfOneSizeToAGuestOfAnother() {
        run("hello", Ring.RING_3, "x");
        Path hello = Guests.prebuilt("hello.hvt");
        RunResult larger =
                Run.run(
                        Tender.builder(monitor, GuestImage.read(hello))
                                .memory(2 * MEMORY)
                                .ring(Ring.RING_3)
                                .build());
        assertEquals(RunResult.Start.COLD, larger.start());
    }

    @Test
    void shouldKeepNothingIfToldTo() throws Exception {
        try (Monitor cold = Monitor.open(0)) {
            OpenFiles before = OpenFiles.ofGuests();
            for (int i = 0; i < 5; i++) {
                RunResult result =
                        Run.of(cold, Guests.prebuilt("hello.hvt"), Ring.RING_3, "x").result();
                assertEquals(RunResult.Start.COLD, result.start());
            }
            before.assertNothingMore();
        }
    }

    @Test
    void shouldReturnEverythingWhenClosed() throws Exception {
        HostCounters before = HostCounters.now();
        try (Monitor kept = Monitor.open()) {
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                callers.add(
                        new Thread(
                                () -> {
                                    for (int k = 0; k < 20; k++) {
                                        Run.of(
                                                kept,
                                                Guests.prebuilt("hello.hvt"),
                                                Ring.RING_3,
                                                "x");
                                    }
                                }));
            }
            callers.forEach(Thread::start);
            for (Thread caller : callers) {
                caller.join();
            }
        }
        before.assertGivenBack();
    }
}
