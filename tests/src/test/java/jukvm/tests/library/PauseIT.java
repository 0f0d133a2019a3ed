package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import jukvm.device.Console;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.RunQueue;
import jukvm.tests.support.Code;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A guest that is paused does nothing, and keeps nobody else from anything. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PauseIT {
    private static final long PATIENCE_NANOS = Run.LONG.toNanos();
    private static final Duration SHORT = Duration.ofMillis(200);

    private final Monitor monitor = Monitor.open();

    @AfterAll
    void close() {
        monitor.close();
    }

    /** Counts what a guest prints. */
    private static final class Counter implements Console {
        private final AtomicLong bytes = new AtomicLong();

        @Override
        public void write(ByteBuffer from) {
            bytes.addAndGet(from.remaining());
        }

        void awaitMoreThan(long count) throws InterruptedException {
            long start = System.nanoTime();
            while (bytes.get() <= count) {
                assertTrue(System.nanoTime() - start < PATIENCE_NANOS, "it does not go on");
                Thread.sleep(1);
            }
        }

        /** Waits until it prints no more, by the end of a call at the latest. */
        long awaitSilence() throws InterruptedException {
            long start = System.nanoTime();
            long before;
            do {
                assertTrue(System.nanoTime() - start < PATIENCE_NANOS, "it goes on");
                before = bytes.get();
                Thread.sleep(100);
            } while (bytes.get() != before);
            return before;
        }
    }

    /** Prints for ever. */
    private static GuestImage chatterbox() {
        Code code = new Code().store(TinyGuest.CALL, TinyGuest.TEXT).store(TinyGuest.CALL + 8, 10);
        int start = code.here();
        return TinyGuest.image(
                "chatterbox", code.call(Code.PUTS, TinyGuest.CALL).jump(start).bytes());
    }

    private GuestSpec guest(GuestImage image) {
        return GuestSpec.of(image).memory(4L << 20).deadline(Run.LONG);
    }

    private void runAnother() {
        GuestImage spin = GuestImage.read(Guests.prebuilt("spin.hvt"));
        RunResult result = Run.run(monitor, guest(spin).deadline(SHORT));
        assertEquals(new Outcome.DeadlineExpired(SHORT), result.outcome());
    }

    @Test
    void shouldDoNothingUntilItIsResumed() throws Exception {
        Counter console = new Counter();
        try (GuestRun run = monitor.start(guest(chatterbox()).console(console))) {
            for (int i = 0; i < 3; i++) {
                console.awaitMoreThan(console.bytes.get());
                run.pause();
                run.pause();
                long silent = console.awaitSilence();
                runAnother();
                assertEquals(silent, console.bytes.get());
                assertFalse(run.result().isDone());
                run.resume();
                run.resume();
                console.awaitMoreThan(silent);
            }
        }
    }

    // More than there are processors, so that some wait for their turn when they are paused.
    @Test
    void shouldLeaveItsTurnToOthers() throws Exception {
        int count = 4 * Runtime.getRuntime().availableProcessors();
        GuestRun[] runs = new GuestRun[count];
        Counter[] consoles = new Counter[count];
        for (int i = 0; i < count; i++) {
            consoles[i] = new Counter();
            runs[i] = monitor.start(guest(chatterbox()).console(consoles[i]));
        }
        for (Counter console : consoles) {
            console.awaitMoreThan(0);
        }
        for (int i = 1; i < count; i++) {
            runs[i].pause();
        }
        for (int i = 1; i < count; i++) {
            consoles[i].awaitSilence();
        }
        consoles[0].awaitMoreThan(consoles[0].bytes.get());
        for (int i = 1; i < count; i++) {
            runs[i].resume();
        }
        for (Counter console : consoles) {
            console.awaitMoreThan(console.bytes.get());
        }
        for (GuestRun run : runs) {
            run.close();
        }
    }

    @Test
    void shouldEndAtItsDeadlineAllTheSame() throws Exception {
        Counter console = new Counter();
        RunQueue queue = monitor.queue(1);
        try (GuestRun first = queue.submit(guest(chatterbox()));
                GuestRun run = queue.submit(guest(chatterbox()).deadline(SHORT).console(console))) {
            run.pause(); // Before it has begun.
            first.cancel();
            RunResult result = run.await();
            assertEquals(new Outcome.DeadlineExpired(SHORT), result.outcome());
            assertEquals(0, console.bytes.get());
        }
    }

    @Test
    void shouldBeCancelledWhileItIsPaused() throws Exception {
        Counter console = new Counter();
        try (GuestRun run = monitor.start(guest(chatterbox()).console(console))) {
            console.awaitMoreThan(0);
            run.pause();
            console.awaitSilence();
            run.cancel();
            RunResult result = run.result().get(PATIENCE_NANOS, TimeUnit.NANOSECONDS);
            assertEquals(new Outcome.Cancelled(), result.outcome());
        }
    }
}
