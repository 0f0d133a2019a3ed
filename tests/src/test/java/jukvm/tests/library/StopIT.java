package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jukvm.device.Console;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.RunQueue;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Patience;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guest that would run for ever ends when it is told to, wherever it is. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class StopIT {
    private static final Duration DEADLINE = Duration.ofMillis(200);

    private final Monitor monitor = Monitor.open();
    private final GuestImage spin = GuestImage.read(Guests.prebuilt("spin.hvt"));

    @AfterAll
    void close() {
        monitor.close();
    }

    private GuestSpec spinning() {
        return GuestSpec.of(spin).memory(4L << 20);
    }

    private static <T> T within(Duration time, CompletableFuture<T> future) throws Exception {
        return future.get(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    @ParameterizedTest
    @EnumSource(PrivilegeMode.class)
    void shouldEndAtItsDeadline(PrivilegeMode privilege) {
        RunResult result = Run.run(monitor, spinning().privilege(privilege).deadline(DEADLINE));
        assertEquals(new Outcome.DeadlineExpired(DEADLINE), result.outcome());
        Duration took = Duration.ofNanos(result.timeline().startToExit());
        assertTrue(took.compareTo(DEADLINE) >= 0, "ended before its deadline: " + took);
        assertTrue(took.compareTo(DEADLINE.plus(Run.LATE)) < 0, "ended too late: " + took);
    }

    @ParameterizedTest
    @EnumSource(PrivilegeMode.class)
    void shouldEndWhenCancelledWhileRunning(PrivilegeMode privilege) throws Exception {
        CountDownLatch printed = new CountDownLatch(1);
        GuestSpec guest =
                spinning()
                        .privilege(privilege)
                        .deadline(Run.LONG)
                        .console(b -> printed.countDown());
        GuestRun run = monitor.start(guest);
        assertTrue(printed.await(Run.LONG.toSeconds(), TimeUnit.SECONDS));
        run.cancel();
        run.cancel();
        assertEquals(new Outcome.Cancelled(), within(Run.LATE, run.result()).outcome());
    }

    @Test
    void shouldNotBeginWhenCancelledBefore() throws Exception {
        RunQueue queue = monitor.queue(1);
        try (GuestRun first = queue.submit(spinning().deadline(Run.LONG))) {
            GuestRun run = queue.submit(spinning().deadline(Run.LONG));
            run.cancel();
            RunResult result = run.await();
            assertEquals(new Outcome.Cancelled(), result.outcome());
            assertEquals(0, result.counters().exits());
            assertFalse(first.result().isDone());
        }
    }

    // Kicks at every moment of a start: none may be lost.
    @RepeatedTest(20)
    void shouldEndWhenCancelledAtAnyMoment() throws Exception {
        int step = 3000 / Patience.fewer(30);
        for (int micros = 0; micros < 3000; micros += step) {
            GuestRun run = monitor.start(spinning().deadline(Run.LONG));
            long until = System.nanoTime() + micros * 1000L;
            while (System.nanoTime() < until) {
                Thread.onSpinWait();
            }
            run.cancel();
            assertEquals(
                    new Outcome.Cancelled(), within(Run.LONG.dividedBy(2), run.result()).outcome());
        }
    }

    @Test
    void shouldEndWhenTheRunningThreadIsInterrupted() throws Exception {
        CountDownLatch printed = new CountDownLatch(1);
        GuestSpec guest = spinning().deadline(Run.LONG).console(b -> printed.countDown());
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread runner =
                new Thread(
                        () ->
                                thrown.complete(
                                        assertThrows(
                                                InterruptedException.class,
                                                () -> monitor.run(guest))));
        runner.start();
        assertTrue(printed.await(Run.LONG.toSeconds(), TimeUnit.SECONDS));
        runner.interrupt();
        assertEquals(InterruptedException.class, within(Run.LATE, thrown).getClass());
    }

    @Test
    void shouldEndWhileItsConsoleBlocks() throws Exception {
        CountDownLatch blocked = new CountDownLatch(1);
        CountDownLatch released = new CountDownLatch(1);
        Console console =
                new Console() {
                    @Override
                    public void write(ByteBuffer bytes) {
                        blocked.countDown();
                        while (released.getCount() > 0) {
                            Thread.onSpinWait();
                        }
                    }

                    @Override
                    public void stop() {
                        released.countDown();
                    }
                };
        RunResult result = Run.run(monitor, spinning().deadline(DEADLINE).console(console));
        assertEquals(0, blocked.getCount());
        assertEquals(new Outcome.DeadlineExpired(DEADLINE), result.outcome());
    }

    @Test
    void shouldPassOnWhatADeviceThrows() {
        GuestSpec guest =
                spinning()
                        .deadline(Run.LONG)
                        .console(
                                bytes -> {
                                    throw new ArithmeticException("the embedder's own");
                                });
        assertThrows(ArithmeticException.class, () -> monitor.run(guest));
    }

    // A stopped run says nothing of others that were started by the same description.
    @Test
    void shouldStopOneOfSeveralRuns() throws Exception {
        GuestSpec guest = spinning().deadline(Run.LONG);
        GuestRun one = monitor.start(guest);
        try (GuestRun other = monitor.start(guest)) {
            one.close();
            assertEquals(new Outcome.Cancelled(), one.await().outcome());
            assertFalse(other.result().isDone());
        }
    }
}
