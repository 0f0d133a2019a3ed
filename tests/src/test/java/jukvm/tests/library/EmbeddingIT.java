package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.error.ConfigException;
import jukvm.guest.Metrics;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.RunQueue;
import jukvm.tests.support.Guests;
import jukvm.tests.support.OpenFiles;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a launcher does with the library: many guests, futures, closing at any moment. */
@RequiresKvm
final class EmbeddingIT {
    private static final long SECONDS = Run.LONG.toSeconds();

    private final Monitor monitor = Monitor.open();
    private final GuestImage hello = GuestImage.read(Guests.prebuilt("hello.hvt"));
    private final GuestImage spin = GuestImage.read(Guests.prebuilt("spin.hvt"));

    @AfterEach
    void close() {
        monitor.close();
    }

    private GuestSpec hello() {
        return GuestSpec.of(hello).memory(4L << 20).deadline(Run.LONG);
    }

    private GuestSpec spin() {
        return GuestSpec.of(spin).memory(4L << 20).deadline(Run.LONG);
    }

    private static Outcome outcome(CompletableFuture<RunResult> future) throws Exception {
        return future.get(SECONDS, TimeUnit.SECONDS).outcome();
    }

    @Test
    void shouldReadAnImageFromBytesAndStreams() throws IOException {
        byte[] bytes = Files.readAllBytes(Guests.prebuilt("hello.hvt"));
        assertEquals(hello.entry(), GuestImage.read(bytes).entry());
        try (InputStream stream = Files.newInputStream(Guests.prebuilt("hello.hvt"))) {
            assertEquals(hello.entry(), GuestImage.read(stream).entry());
        }
    }

    // Nor do VMs that are kept for guests of it, and threads that have run some.
    @Test
    void shouldKeepNoImageThatNobodyElseHas() throws Exception {
        List<WeakReference<GuestImage>> images = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            images.add(runTwice(GuestImage.read(Guests.prebuilt("hello.hvt"))));
        }
        long patience = System.nanoTime() + Run.LONG.toNanos();
        for (WeakReference<GuestImage> image : images) {
            while (image.get() != null) {
                assertTrue(System.nanoTime() < patience, "it is still there");
                System.gc();
                Thread.sleep(10);
            }
        }
        assertTrue(monitor.metrics().pooled().kept() > 0);
    }

    private WeakReference<GuestImage> runTwice(GuestImage image) {
        for (int i = 0; i < 2; i++) {
            Run.run(monitor, GuestSpec.of(image).memory(4L << 20));
        }
        return new WeakReference<>(image);
    }

    @Test
    void shouldCompleteItsFuture() throws Exception {
        ConsoleCapture console = Console.capture(100);
        CompletableFuture<RunResult> future =
                monitor.start(hello().arguments("me").console(console)).result();
        assertEquals(new Outcome.Exited(0), outcome(future));
        assertEquals("Hello from a jukvm guest (hvt 2)\ncommand line: me\n", console.text());
    }

    @Test
    void shouldStopWhenItsFutureIsCancelled() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        GuestRun run = monitor.start(spin().console(bytes -> running.countDown()));
        CompletableFuture<RunResult> future = run.result();
        assertTrue(running.await(SECONDS, TimeUnit.SECONDS));
        assertTrue(future.cancel(true));
        assertThrows(CancellationException.class, future::join);
        run.close(); // Waits for the end, which would take the deadline otherwise.
    }

    @Test
    void shouldPassOnWhatADeviceThrows() {
        GuestSpec guest =
                hello().console(
                                bytes -> {
                                    throw new ArithmeticException("the embedder's own");
                                });
        ExecutionException thrown =
                assertThrows(
                        ExecutionException.class,
                        () -> monitor.start(guest).result().get(SECONDS, TimeUnit.SECONDS));
        assertInstanceOf(ArithmeticException.class, thrown.getCause());
    }

    @Test
    void shouldHandOnLines() {
        List<String> lines = new ArrayList<>();
        Run.run(monitor, hello().arguments("one two").console(Console.lines(lines::add)));
        assertEquals(List.of("Hello from a jukvm guest (hvt 2)", "command line: one two"), lines);
    }

    @Test
    void shouldRunOneDescriptionAnyNumberOfTimesAtOnce() throws Exception {
        GuestSpec guest = hello().arguments("same");
        List<GuestRun> runs = IntStream.range(0, 20).mapToObj(i -> monitor.start(guest)).toList();
        for (GuestRun run : runs) {
            assertEquals(new Outcome.Exited(0), outcome(run.result()));
        }
        assertEquals(new Outcome.Exited(0), Run.run(monitor, guest).outcome());
    }

    @Test
    void shouldNotChangeADescriptionByItsVariants() {
        ConsoleCapture console = Console.capture(100);
        GuestSpec guest = hello().arguments("first").console(console);
        GuestSpec variant = guest.arguments("second").console(Console.discard()).consoleBytes(1);
        assertEquals(OutcomeKind.LIMIT, Run.run(monitor, variant).outcome().kind());
        assertEquals(new Outcome.Exited(0), Run.run(monitor, guest).outcome());
        assertTrue(console.text().endsWith("command line: first\n"), console.text());
    }

    // Neither a VM nor a thread nor anything to count.
    @Test
    void shouldBeginNothingByACheck() throws Exception {
        try (Monitor own = Monitor.open()) {
            OpenFiles before = OpenFiles.ofGuests();
            Metrics metrics = own.metrics();
            ConsoleCapture console = Console.capture(100);
            for (int i = 0; i < 10; i++) {
                own.check(hello().console(console));
            }
            GuestSpec wrong = hello().memory(1);
            assertThrows(ConfigException.class, () -> own.check(wrong));
            before.assertNothingMore();
            assertEquals(metrics, own.metrics());
            assertEquals("", console.text());
        }
    }

    @Test
    void shouldRefuseEverythingOnceClosed() {
        Monitor own = Monitor.open();
        RunQueue queue = own.queue(1);
        own.close();
        assertThrows(IllegalStateException.class, () -> own.start(hello()));
        assertThrows(IllegalStateException.class, () -> own.run(hello()));
        assertThrows(IllegalStateException.class, () -> queue.submit(hello()));
        assertThrows(
                IllegalStateException.class,
                () -> own.snapshot(hello(), SnapshotPoint.afterHypercalls(0)));
        assertEquals(0, queue.waiting());
    }

    @Test
    void shouldCloseFromInsideACallback() throws Exception {
        CompletableFuture<GuestRun> begun = new CompletableFuture<>();
        GuestRun run = monitor.start(spin().console(bytes -> begun.join().close()));
        begun.complete(run);
        assertEquals(new Outcome.Cancelled(), outcome(run.result()));
        run.close();
    }

    @RepeatedTest(5)
    void shouldCloseTheMonitorFromInsideACallback() throws Exception {
        Monitor own = Monitor.open();
        CountDownLatch bothRun = new CountDownLatch(2);
        List<CompletableFuture<RunResult>> ends = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Console console =
                    bytes -> {
                        bothRun.countDown();
                        awaitQuietly(bothRun);
                        own.close();
                    };
            ends.add(own.start(spin().console(console)).result());
        }
        for (CompletableFuture<RunResult> end : ends) {
            assertEquals(new Outcome.Cancelled(), outcome(end));
        }
        own.close();
        assertThrows(IllegalStateException.class, () -> own.start(hello()));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertTrue(latch.await(SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldStopAllGuestsWhenTheMonitorIsClosed() throws Exception {
        List<CompletableFuture<RunResult>> ends = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            ends.add(monitor.start(spin()).result());
        }
        monitor.close();
        for (CompletableFuture<RunResult> end : ends) {
            assertTrue(end.isDone(), "close has waited for it");
            assertEquals(new Outcome.Cancelled(), outcome(end));
        }
    }

    // Every method, from several threads, at any moment.
    @RepeatedTest(10)
    void shouldSurviveBeingClosedFromEverywhere() throws Exception {
        Monitor own = Monitor.open();
        List<GuestRun> runs = new CopyOnWriteArrayList<>();
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            int mine = thread;
            threads.add(CompletableFuture.runAsync(() -> disturb(own, runs, mine), Run.THREADS));
        }
        for (CompletableFuture<Void> thread : threads) {
            thread.get(SECONDS, TimeUnit.SECONDS);
        }
        own.close();
    }

    /** Starts guests, and stops one that somebody has started; the last also the monitor. */
    private void disturb(Monitor own, List<GuestRun> runs, int mine) {
        for (int i = 0; i < 20; i++) {
            try {
                runs.add(own.start(i % 2 == 0 ? hello() : spin()));
            } catch (IllegalStateException e) {
                assertEquals("the monitor is closed", e.getMessage());
            }
            if (!runs.isEmpty()) {
                GuestRun run = runs.get((i * 7 + mine) % runs.size());
                switch ((i + mine) % 4) {
                    case 0 -> run.pause();
                    case 1 -> run.cancel();
                    case 2 -> run.close();
                    default -> run.result().cancel(true);
                }
            }
            if (mine == 3 && i == 10) {
                own.close();
            }
        }
    }

    @Test
    void shouldRunFromVirtualThreads() throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "virtual threads came with JDK 21");
        List<CompletableFuture<Outcome>> ends = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            CompletableFuture<Outcome> end = new CompletableFuture<>();
            ends.add(end);
            startVirtual(() -> end.complete(Run.run(monitor, hello()).outcome()));
        }
        for (CompletableFuture<Outcome> end : ends) {
            assertEquals(new Outcome.Exited(0), end.get(SECONDS, TimeUnit.SECONDS));
        }
    }

    private static void startVirtual(Runnable task) throws ReflectiveOperationException {
        Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
    }

    @Test
    void shouldRunAThousandGuestsSideBySide() throws Exception {
        List<CompletableFuture<RunResult>> ends = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            ends.add(monitor.start(hello().deadline(Duration.ofMinutes(5))).result());
        }
        for (CompletableFuture<RunResult> end : ends) {
            assertEquals(new Outcome.Exited(0), end.get(5, TimeUnit.MINUTES).outcome());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void shouldRunSoManyAtATimeInOrder(int atOnce) throws Exception {
        RunQueue queue = monitor.queue(atOnce);
        AtomicInteger inFlight = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        List<Integer> order = Collections.synchronizedList(new ArrayList<>());
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            int number = i;
            Console console =
                    new Console() {
                        @Override
                        public void write(ByteBuffer bytes) {
                            if (!order.contains(number)) {
                                order.add(number);
                                most.accumulateAndGet(inFlight.incrementAndGet(), Math::max);
                            }
                        }

                        @Override
                        public void end() {
                            inFlight.decrementAndGet();
                        }
                    };
            ends.add(
                    queue.submit(hello().arguments("x").console(console))
                            .result()
                            .thenAccept(
                                    result ->
                                            assertEquals(new Outcome.Exited(0), result.outcome())));
        }
        for (CompletableFuture<Void> end : ends) {
            end.get(SECONDS, TimeUnit.SECONDS);
        }
        assertTrue(most.get() <= atOnce, most + " at once");
        if (atOnce == 1) { // Those that run at the same time may print in any order.
            assertEquals(IntStream.range(0, 40).boxed().toList(), order);
        }
        assertEquals(0, queue.waiting());
    }

    @Test
    void shouldStopGuestsThatWaitForTheirTurn() throws Exception {
        RunQueue queue = monitor.queue(1);
        GuestRun first = queue.submit(spin());
        GuestRun second = queue.submit(spin());
        GuestRun third = queue.submit(spin());
        CompletableFuture<RunResult> late =
                queue.submit(spin().deadline(Duration.ofMillis(20))).result();
        CompletableFuture<RunResult> last = queue.submit(hello()).result();
        second.cancel();
        assertEquals(new Outcome.Cancelled(), outcome(second.result()));
        third.close();
        assertTrue(third.result().isDone(), "close has waited for it");
        assertEquals(new Outcome.Cancelled(), outcome(third.result()));
        assertEquals(new Outcome.DeadlineExpired(Duration.ofMillis(20)), outcome(late));
        assertEquals(0, late.join().counters().exits());
        assertFalse(first.result().isDone());
        first.cancel();
        assertEquals(new Outcome.Exited(0), outcome(last));
    }

    @Test
    void shouldEndAQueueWhenTheMonitorIsClosed() throws Exception {
        RunQueue queue = monitor.queue(1);
        List<CompletableFuture<RunResult>> ends =
                IntStream.range(0, 10_000).mapToObj(i -> queue.submit(spin()).result()).toList();
        monitor.close();
        for (CompletableFuture<RunResult> end : ends) {
            assertEquals(new Outcome.Cancelled(), outcome(end));
        }
    }
}
