package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.MemoryDisk;
import jukvm.guest.Limit;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.RunQueue;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * An embedder's callbacks may throw, block, and call back; what that costs is their own guest's.
 */
@RequiresKvm
final class CallbacksIT {
    private static final long SECONDS = Run.LONG.toSeconds();
    private static final Duration SOON = Duration.ofMillis(20);
    private static final Outcome STOPPED =
            new Outcome.LimitExceeded(Limit.CPU_TIME, SOON.toNanos());
    private static final int DISKS = 63;

    private final Monitor monitor = Monitor.open();
    private final GuestImage hello = GuestImage.read(Guests.prebuilt("hello.hvt"));
    private final GuestImage spin = GuestImage.read(Guests.prebuilt("spin.hvt"));

    @AfterEach
    void close() {
        monitor.close();
    }

    private GuestSpec guest(GuestImage image) {
        return GuestSpec.of(image).memory(4L << 20).deadline(Run.LONG);
    }

    private static Outcome outcome(CompletableFuture<RunResult> future) throws Exception {
        return future.get(SECONDS, TimeUnit.SECONDS).outcome();
    }

    /** Counts its flushes, which may throw. */
    private static final class Disk implements BlockDevice {
        private final MemoryDisk blocks = MemoryDisk.of(1 << 20, 512);
        private final @Nullable RuntimeException thrown;
        private int flushes;

        Disk(@Nullable RuntimeException thrown) {
            this.thrown = thrown;
        }

        @Override
        public long capacity() {
            return blocks.capacity();
        }

        @Override
        public int blockSize() {
            return blocks.blockSize();
        }

        @Override
        public void read(long offset, ByteBuffer into) {
            blocks.read(offset, into);
        }

        @Override
        public void write(long offset, ByteBuffer from) throws IOException {
            blocks.write(offset, from);
        }

        @Override
        public void flush() {
            flushes++;
            if (thrown != null) {
                throw thrown;
            }
        }
    }

    private static final class Recorder implements Console {
        private final AtomicInteger stops = new AtomicInteger();
        private final AtomicInteger ends = new AtomicInteger();

        @Override
        public void write(ByteBuffer bytes) {}

        @Override
        public void stop() {
            stops.incrementAndGet();
        }

        @Override
        public void end() {
            ends.incrementAndGet();
        }
    }

    private static Console throwing(@Nullable RuntimeException onWrite, RuntimeException onEnd) {
        return new Console() {
            @Override
            public void write(ByteBuffer bytes) {
                if (onWrite != null) {
                    throw onWrite;
                }
            }

            @Override
            public void end() {
                throw onEnd;
            }
        };
    }

    private List<Disk> runWithDisks(
            @Nullable RuntimeException broken, Console console, RuntimeException expected) {
        GuestSpec guest =
                guest(GuestImage.read(Guests.prebuilt("many-devices.hvt"))).console(console);
        List<Disk> disks = IntStream.range(0, DISKS).mapToObj(i -> new Disk(broken)).toList();
        for (int i = 0; i < DISKS; i++) {
            guest = guest.block("storage" + i, disks.get(i));
        }
        GuestSpec whole = guest;
        assertSame(expected, assertThrows(RuntimeException.class, () -> monitor.run(whole)));
        return disks;
    }

    @Test
    void shouldFlushAllDisksThoughTheConsoleThrowsAtTheEnd() {
        RuntimeException full = new IllegalStateException("the log is full");
        runWithDisks(null, throwing(null, full), full)
                .forEach(disk -> assertEquals(1, disk.flushes));
    }

    @Test
    void shouldFlushAllDisksThoughEachOfThemThrows() {
        RuntimeException broken = new IllegalStateException("broken");
        Recorder console = new Recorder();
        runWithDisks(broken, console, broken).forEach(disk -> assertEquals(1, disk.flushes));
        assertEquals(1, console.ends.get());
    }

    @Test
    void shouldTellWhatWasThrownFirst() {
        RuntimeException first = new IllegalStateException("first");
        RuntimeException second = new IllegalStateException("second");
        GuestSpec guest = guest(hello).console(throwing(first, second));
        assertSame(first, assertThrows(IllegalStateException.class, () -> monitor.run(guest)));
        assertEquals(List.of(second), List.of(first.getSuppressed()));
    }

    // Of one that waits in a queue, so that it is the thread that keeps time which ends it.
    @Test
    void shouldKeepTimeWhileWhatHangsOnAFutureBlocks() throws Exception {
        RunQueue queue = monitor.queue(1);
        GuestRun first = queue.submit(guest(spin));
        CompletableFuture<RunResult> late = queue.submit(guest(hello).deadline(SOON)).result();
        CompletableFuture<Outcome> seen = late.thenApply(result -> stopped());
        assertEquals(STOPPED, seen.get(SECONDS, TimeUnit.SECONDS));
        assertEquals(new Outcome.DeadlineExpired(SOON), outcome(late));
        first.cancel();
        assertEquals(new Outcome.Cancelled(), outcome(first.result()));
    }

    @Test
    void shouldKeepTimeWhileTheStopOfAConsoleBlocks() throws Exception {
        CompletableFuture<Outcome> seen = new CompletableFuture<>();
        Console blocking =
                new Console() {
                    @Override
                    public void write(ByteBuffer bytes) {}

                    @Override
                    public void stop() {
                        seen.complete(stopped());
                    }

                    // One that has ended would not be stopped any more.
                    @Override
                    public void end() {
                        seen.join();
                    }
                };
        assertEquals(
                STOPPED,
                outcome(monitor.start(guest(spin).cpuTime(SOON).console(blocking)).result()));
        assertEquals(STOPPED, seen.get(SECONDS, TimeUnit.SECONDS));
    }

    /** Returns how another guest ends, which the thread that keeps time must stop; soon, or not. */
    private Outcome stopped() {
        return monitor.start(guest(spin).cpuTime(SOON))
                .result()
                .orTimeout(SECONDS / 2, TimeUnit.SECONDS)
                .handle(
                        (result, thrown) ->
                                result == null ? new Outcome.Cancelled() : result.outcome())
                .join();
    }

    @Test
    void shouldNotCallBackOnTheThreadThatCancels() throws Exception {
        RunQueue queue = monitor.queue(1);
        GuestRun first = queue.submit(guest(spin));
        GuestRun second = queue.submit(guest(hello));
        CompletableFuture<Thread> thread =
                second.result().thenApply(result -> Thread.currentThread());
        second.cancel();
        assertNotEquals(Thread.currentThread(), thread.get(SECONDS, TimeUnit.SECONDS));
        first.cancel();
        assertEquals(new Outcome.Cancelled(), outcome(first.result()));
    }

    // What hangs on the end of one, be it that of a guest that ran or of one that never did.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldGoOnWithAQueueWhileACallbackBlocks(boolean ran) throws Exception {
        RunQueue queue = monitor.queue(1);
        GuestRun first = queue.submit(guest(spin));
        GuestRun waiting = queue.submit(guest(spin));
        CompletableFuture<RunResult> last = queue.submit(guest(hello)).result();
        CompletableFuture<Boolean> sawLast =
                (ran ? first : waiting)
                        .result()
                        .handle(
                                (result, thrown) ->
                                        last.orTimeout(SECONDS / 2, TimeUnit.SECONDS).join())
                        .thenApply(result -> true);
        waiting.cancel();
        first.cancel();
        assertTrue(sawLast.get(SECONDS, TimeUnit.SECONDS));
        assertEquals(new Outcome.Exited(0), outcome(last));
    }

    @Test
    void shouldEndGuestsThatNeverBeganBeforeTheMonitorIsClosed() {
        RunQueue queue = monitor.queue(1);
        List<Recorder> consoles = new ArrayList<>();
        List<CompletableFuture<RunResult>> ends = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Recorder console = new Recorder();
            consoles.add(console);
            ends.add(queue.submit(guest(spin).console(console)).result());
        }
        monitor.close();
        ends.forEach(end -> assertTrue(end.isDone(), "close has waited for it"));
        // However early it is in coming to run, it is not left to its deadline.
        ends.forEach(end -> assertEquals(new Outcome.Cancelled(), end.join().outcome()));
        consoles.forEach(console -> assertEquals(1, console.ends.get()));
        consoles.subList(1, 100).forEach(console -> assertEquals(0, console.stops.get()));
    }

    @Test
    void shouldPassOnWhatTheConsoleOfAGuestThatNeverBeganThrows() {
        RunQueue queue = monitor.queue(1);
        RuntimeException full = new IllegalStateException("the log is full");
        GuestRun first = queue.submit(guest(spin));
        GuestRun waiting = queue.submit(guest(hello).console(throwing(null, full)));
        waiting.cancel();
        ExecutionException thrown =
                assertThrows(
                        ExecutionException.class,
                        () -> waiting.result().get(SECONDS, TimeUnit.SECONDS));
        assertSame(full, thrown.getCause());
        first.cancel();
    }

    @Test
    void shouldNotStopAConsoleThatHasEnded() throws Exception {
        Recorder console = new Recorder();
        try (GuestRun run = monitor.start(guest(hello).console(console))) {
            run.await();
            run.cancel();
        }
        assertEquals(1, console.ends.get());
        assertEquals(0, console.stops.get());
    }

    @Test
    void shouldStopThoughTheConsolesStopThrows() throws Exception {
        Console console =
                new Console() {
                    @Override
                    public void write(ByteBuffer bytes) {}

                    @Override
                    public void stop() {
                        throw new AssertionError("the embedder's own");
                    }
                };
        GuestSpec guest = guest(spin).deadline(SOON).console(console);
        assertEquals(new Outcome.DeadlineExpired(SOON), outcome(monitor.start(guest).result()));
    }

    // An interrupt that one guest's callback leaves behind is not for those of the next.
    @Test
    void shouldKeepAnInterruptToTheGuestItCameTo() throws Exception {
        Console rude = bytes -> Thread.currentThread().interrupt();
        List<Boolean> seen = new ArrayList<>();
        Console observing = bytes -> seen.add(Thread.currentThread().isInterrupted());
        long patience = System.nanoTime() + Run.LONG.toNanos();
        RunResult.Start start = RunResult.Start.COLD;
        while (start != RunResult.Start.POOLED && System.nanoTime() < patience) {
            Run.run(monitor, guest(hello).console(rude));
            start = Run.run(monitor, guest(hello).console(observing)).start();
        }
        assertEquals(RunResult.Start.POOLED, start);
        assertFalse(seen.contains(true), "a guest's callback found another's interrupt");
    }

    @Test
    void shouldRunAGuestFromInsideACallback() throws Exception {
        List<Outcome> inner = new ArrayList<>();
        Console nesting =
                bytes -> {
                    if (inner.isEmpty()) {
                        inner.add(Run.run(monitor, guest(hello)).outcome());
                    }
                };
        CompletableFuture<Outcome> afterwards =
                monitor.start(guest(hello).console(nesting))
                        .result()
                        .thenApply(result -> Run.run(monitor, guest(hello)).outcome());
        assertEquals(new Outcome.Exited(0), afterwards.get(SECONDS, TimeUnit.SECONDS));
        assertEquals(List.of(new Outcome.Exited(0)), inner);
    }

    // It is what to run, not a run: what waits in a queue is another.
    @Test
    void shouldRunAGuestThatAlsoWaitsForItsTurn() throws Exception {
        RunQueue queue = monitor.queue(1);
        GuestRun first = queue.submit(guest(spin));
        GuestSpec guest = guest(hello);
        GuestRun waiting = queue.submit(guest);
        GuestRun last = queue.submit(guest);
        long asked = System.nanoTime();
        assertEquals(new Outcome.Exited(0), Run.run(monitor, guest).outcome());
        assertFalse(waiting.result().isDone() || last.result().isDone());
        first.cancel();
        assertEquals(new Outcome.Exited(0), outcome(waiting.result()));
        assertEquals(new Outcome.Exited(0), outcome(last.result()));
        RunResult waited = waiting.result().join();
        assertTrue(waited.timeline().requested() <= asked, "it was asked for before");
    }
}
