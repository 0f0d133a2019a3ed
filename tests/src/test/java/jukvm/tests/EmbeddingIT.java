package jukvm.tests;

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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import jukvm.device.Console;
import jukvm.device.ConsoleCapture;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;
import jukvm.monitor.Outcome;
import jukvm.monitor.RunQueue;
import jukvm.monitor.RunResult;
import jukvm.monitor.Tender;
import org.jspecify.annotations.Nullable;
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

    private Tender.Builder hello() {
        return Tender.builder(monitor, hello).memory(4L << 20).deadline(Run.LONG);
    }

    private Tender.Builder spin() {
        return Tender.builder(monitor, spin).memory(4L << 20).deadline(Run.LONG);
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
        assertTrue(monitor.metrics().shells().kept() > 0);
    }

    private WeakReference<GuestImage> runTwice(GuestImage image) {
        for (int i = 0; i < 2; i++) {
            Run.run(Tender.builder(monitor, image).memory(4L << 20).build());
        }
        return new WeakReference<>(image);
    }

    @Test
    void shouldCompleteItsFuture() throws Exception {
        ConsoleCapture console = Console.capture(100);
        CompletableFuture<RunResult> future =
                hello().arguments("me").console(console).build().start();
        assertEquals(new Outcome.Exited(0), outcome(future));
        assertEquals("Hello from a jukvm guest (hvt 2)\ncommand line: me\n", console.text());
    }

    @Test
    void shouldStopWhenItsFutureIsCancelled() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        Tender tender = spin().console(bytes -> running.countDown()).build();
        CompletableFuture<RunResult> future = tender.start();
        assertTrue(running.await(SECONDS, TimeUnit.SECONDS));
        assertTrue(future.cancel(true));
        assertThrows(CancellationException.class, future::join);
        tender.close(); // Waits for the end, which would take the deadline otherwise.
    }

    @Test
    void shouldPassOnWhatADeviceThrows() {
        Tender tender =
                hello().console(
                                bytes -> {
                                    throw new ArithmeticException("the embedder's own");
                                })
                        .build();
        ExecutionException thrown =
                assertThrows(
                        ExecutionException.class,
                        () -> tender.start().get(SECONDS, TimeUnit.SECONDS));
        assertInstanceOf(ArithmeticException.class, thrown.getCause());
    }

    @Test
    void shouldHandOnLines() {
        List<String> lines = new ArrayList<>();
        Run.run(hello().arguments("one two").console(Console.lines(lines::add)).build());
        assertEquals(List.of("Hello from a jukvm guest (hvt 2)", "command line: one two"), lines);
    }

    @Test
    void shouldEndAGuestThatIsClosedBeforeItBegan() throws Exception {
        Tender tender = hello().build();
        tender.close();
        tender.close();
        assertEquals(new Outcome.Cancelled(), tender.run().outcome());
    }

    @Test
    void shouldCloseFromInsideACallback() throws Exception {
        CompletableFuture<Tender> made = new CompletableFuture<>();
        Tender tender = spin().console(bytes -> made.join().close()).build();
        made.complete(tender);
        assertEquals(new Outcome.Cancelled(), outcome(tender.start()));
        tender.close();
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
            ends.add(
                    Tender.builder(own, spin)
                            .memory(4L << 20)
                            .console(console)
                            .deadline(Run.LONG)
                            .build()
                            .start());
        }
        for (CompletableFuture<RunResult> end : ends) {
            assertEquals(new Outcome.Cancelled(), outcome(end));
        }
        own.close();
        assertThrows(
                IllegalStateException.class,
                () -> Tender.builder(own, hello).memory(4L << 20).build().start());
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
            ends.add(spin().build().start());
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
        List<Tender> tenders = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            tenders.add(
                    Tender.builder(own, i % 2 == 0 ? hello : spin)
                            .memory(4L << 20)
                            .deadline(Run.LONG)
                            .build());
        }
        List<CompletableFuture<Void>> threads = new ArrayList<>();
        for (int thread = 0; thread < 4; thread++) {
            int mine = thread;
            threads.add(
                    CompletableFuture.runAsync(
                            () -> disturb(tenders, mine, mine == 3 ? own : null), Run.THREADS));
        }
        for (CompletableFuture<Void> thread : threads) {
            thread.get(SECONDS, TimeUnit.SECONDS);
        }
        own.close();
    }

    private static void disturb(List<Tender> tenders, int mine, @Nullable Monitor closed) {
        for (int i = 0; i < tenders.size(); i++) {
            Tender tender = tenders.get((i * 7 + mine) % tenders.size());
            try {
                switch ((i + mine) % 4) {
                    case 0 -> {
                        var unused = tender.start();
                    }
                    case 1 -> tender.cancel();
                    case 2 -> tender.close();
                    default -> tender.start().cancel(true);
                }
            } catch (IllegalStateException e) {
                // It has run, or is closed: the other threads do the same.
            }
            if (closed != null && i == tenders.size() / 2) {
                closed.close();
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
            startVirtual(() -> end.complete(Run.run(hello().build()).outcome()));
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
            ends.add(hello().deadline(Duration.ofMinutes(5)).build().start());
        }
        for (CompletableFuture<RunResult> end : ends) {
            assertEquals(new Outcome.Exited(0), end.get(5, TimeUnit.MINUTES).outcome());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 5})
    void shouldRunSoManyAtATimeInOrder(int atOnce) throws Exception {
        RunQueue queue = new RunQueue(atOnce);
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
                    queue.submit(hello().arguments("x").console(console).build())
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
        RunQueue queue = new RunQueue(1);
        Tender first = spin().build();
        CompletableFuture<RunResult> running = queue.submit(first);
        Tender second = spin().build();
        CompletableFuture<RunResult> cancelled = queue.submit(second);
        CompletableFuture<RunResult> late =
                queue.submit(spin().deadline(Duration.ofMillis(20)).build());
        CompletableFuture<RunResult> last = queue.submit(hello().build());
        second.cancel();
        assertEquals(new Outcome.Cancelled(), outcome(cancelled));
        assertEquals(new Outcome.DeadlineExpired(Duration.ofMillis(20)), outcome(late));
        assertEquals(0, late.join().counters().exits());
        assertFalse(running.isDone());
        first.cancel();
        assertEquals(new Outcome.Exited(0), outcome(last));
    }

    @Test
    void shouldEndAQueueWhenTheMonitorIsClosed() throws Exception {
        RunQueue queue = new RunQueue(1);
        List<CompletableFuture<RunResult>> ends =
                IntStream.range(0, 10_000).mapToObj(i -> queue.submit(spin().build())).toList();
        monitor.close();
        for (CompletableFuture<RunResult> end : ends) {
            assertEquals(new Outcome.Cancelled(), outcome(end));
        }
    }
}
