package jukvm.tests;

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
import jukvm.image.GuestImage;
import jukvm.monitor.Limit;
import jukvm.monitor.Monitor;
import jukvm.monitor.Outcome;
import jukvm.monitor.RunQueue;
import jukvm.monitor.RunResult;
import jukvm.monitor.Tender;
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

    private Tender.Builder guest(GuestImage image) {
        return Tender.builder(monitor, image).memory(4L << 20).deadline(Run.LONG);
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
        Tender.Builder builder =
                guest(GuestImage.read(Guests.prebuilt("many-devices.hvt"))).console(console);
        List<Disk> disks = IntStream.range(0, DISKS).mapToObj(i -> new Disk(broken)).toList();
        for (int i = 0; i < DISKS; i++) {
            builder.block("storage" + i, disks.get(i));
        }
        Tender tender = builder.build();
        assertSame(expected, assertThrows(RuntimeException.class, tender::run));
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
        Tender tender = guest(hello).console(throwing(first, second)).build();
        assertSame(first, assertThrows(IllegalStateException.class, tender::run));
        assertEquals(List.of(second), List.of(first.getSuppressed()));
    }

    // Of one that waits in a queue, so that it is the thread that keeps time which ends it.
    @Test
    void shouldKeepTimeWhileWhatHangsOnAFutureBlocks() throws Exception {
        RunQueue queue = new RunQueue(1);
        Tender first = guest(spin).build();
        CompletableFuture<RunResult> running = queue.submit(first);
        CompletableFuture<RunResult> late = queue.submit(guest(hello).deadline(SOON).build());
        CompletableFuture<Outcome> seen = late.thenApply(result -> stopped());
        assertEquals(STOPPED, seen.get(SECONDS, TimeUnit.SECONDS));
        assertEquals(new Outcome.DeadlineExpired(SOON), outcome(late));
        first.cancel();
        assertEquals(new Outcome.Cancelled(), outcome(running));
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
        assertEquals(STOPPED, outcome(guest(spin).cpuTime(SOON).console(blocking).build().start()));
        assertEquals(STOPPED, seen.get(SECONDS, TimeUnit.SECONDS));
    }

    /** Returns how another guest ends, which the thread that keeps time must stop; soon, or not. */
    private Outcome stopped() {
        return guest(spin)
                .cpuTime(SOON)
                .build()
                .start()
                .orTimeout(SECONDS / 2, TimeUnit.SECONDS)
                .handle(
                        (result, thrown) ->
                                result == null ? new Outcome.Cancelled() : result.outcome())
                .join();
    }

    @Test
    void shouldNotCallBackOnTheThreadThatCancels() throws Exception {
        RunQueue queue = new RunQueue(1);
        Tender first = guest(spin).build();
        CompletableFuture<RunResult> running = queue.submit(first);
        Tender second = guest(hello).build();
        CompletableFuture<Thread> thread =
                queue.submit(second).thenApply(result -> Thread.currentThread());
        second.cancel();
        assertNotEquals(Thread.currentThread(), thread.get(SECONDS, TimeUnit.SECONDS));
        first.cancel();
        assertEquals(new Outcome.Cancelled(), outcome(running));
    }

    // What hangs on the end of one, be it that of a guest that ran or of one that never did.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldGoOnWithAQueueWhileACallbackBlocks(boolean ran) throws Exception {
        RunQueue queue = new RunQueue(1);
        Tender first = guest(spin).build();
        CompletableFuture<RunResult> running = queue.submit(first);
        Tender waiting = guest(spin).build();
        CompletableFuture<RunResult> waited = queue.submit(waiting);
        CompletableFuture<RunResult> last = queue.submit(guest(hello).build());
        CompletableFuture<Boolean> sawLast =
                (ran ? running : waited)
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
        RunQueue queue = new RunQueue(1);
        List<Recorder> consoles = new ArrayList<>();
        List<CompletableFuture<RunResult>> ends = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            Recorder console = new Recorder();
            consoles.add(console);
            ends.add(queue.submit(guest(spin).console(console).build()));
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
        RuntimeException full = new IllegalStateException("the log is full");
        Tender tender = guest(hello).console(throwing(null, full)).build();
        tender.cancel();
        ExecutionException thrown =
                assertThrows(
                        ExecutionException.class,
                        () -> tender.start().get(SECONDS, TimeUnit.SECONDS));
        assertSame(full, thrown.getCause());
    }

    @Test
    void shouldNotStopAConsoleThatHasEnded() {
        Recorder console = new Recorder();
        try (Tender tender = guest(hello).console(console).build()) {
            Run.run(tender);
            tender.cancel();
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
        Tender tender = guest(spin).deadline(SOON).console(console).build();
        assertEquals(new Outcome.DeadlineExpired(SOON), outcome(tender.start()));
    }

    // An interrupt that one guest's callback leaves behind is not for those of the next.
    @Test
    void shouldKeepAnInterruptToTheGuestItCameTo() throws Exception {
        Console rude = bytes -> Thread.currentThread().interrupt();
        List<Boolean> seen = new ArrayList<>();
        Console observing = bytes -> seen.add(Thread.currentThread().isInterrupted());
        long patience = System.nanoTime() + Run.LONG.toNanos();
        RunResult.Start start = RunResult.Start.COLD;
        while (start != RunResult.Start.SHELL && System.nanoTime() < patience) {
            Run.run(guest(hello).console(rude).build());
            start = Run.run(guest(hello).console(observing).build()).start();
        }
        assertEquals(RunResult.Start.SHELL, start);
        assertFalse(seen.contains(true), "a guest's callback found another's interrupt");
    }

    @Test
    void shouldRunAGuestFromInsideACallback() throws Exception {
        List<Outcome> inner = new ArrayList<>();
        Console nesting =
                bytes -> {
                    if (inner.isEmpty()) {
                        inner.add(Run.run(guest(hello).build()).outcome());
                    }
                };
        CompletableFuture<Outcome> afterwards =
                guest(hello)
                        .console(nesting)
                        .build()
                        .start()
                        .thenApply(result -> Run.run(guest(hello).build()).outcome());
        assertEquals(new Outcome.Exited(0), afterwards.get(SECONDS, TimeUnit.SECONDS));
        assertEquals(List.of(new Outcome.Exited(0)), inner);
    }

    @Test
    void shouldLeaveARunAloneThatIsAskedForAgain() throws Exception {
        RunQueue queue = new RunQueue(1);
        Tender first = guest(spin).build();
        CompletableFuture<RunResult> running = queue.submit(first);
        Tender second = guest(hello).build();
        CompletableFuture<RunResult> waiting = queue.submit(second);
        long asked = System.nanoTime();
        assertThrows(IllegalStateException.class, second::start);
        assertThrows(IllegalStateException.class, second::run);
        assertThrows(IllegalStateException.class, () -> queue.submit(second));
        first.cancel();
        outcome(running);
        assertEquals(new Outcome.Exited(0), outcome(waiting));
        assertTrue(waiting.join().timeline().requested() <= asked, "it was asked for before");
    }
}
