package jukvm.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.ref.WeakReference;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What is done aside holds up neither who asks for it nor what else is done there. */
final class BackgroundTasksTest {
    private static final long SECONDS = 30;

    private final BackgroundTasks background = new BackgroundTasks();

    private static void await(CountDownLatch latch) {
        try {
            assertTrue(latch.await(SECONDS, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldRunEachTaskThoughOthersBlock() {
        CountDownLatch released = new CountDownLatch(1);
        CountDownLatch blocked = new CountDownLatch(10);
        for (int i = 0; i < 10; i++) {
            background.run(
                    () -> {
                        blocked.countDown();
                        await(released);
                    });
        }
        await(blocked);
        CountDownLatch ran = new CountDownLatch(1000);
        for (int i = 0; i < 1000; i++) {
            background.run(ran::countDown);
        }
        await(ran);
        released.countDown();
        assertTrue(background.awaitQuiet(TimeUnit.MINUTES.toNanos(1)));
    }

    @Test
    void shouldGoOnAfterATaskThatThrowsOrLeavesAnInterrupt() throws Exception {
        for (int i = 0; i < 10; i++) {
            background.run(
                    () -> {
                        Thread.currentThread().interrupt();
                        throw new AssertionError("the embedder's own");
                    });
            CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
            background.run(() -> interrupted.complete(Thread.currentThread().isInterrupted()));
            assertFalse(interrupted.get(SECONDS, TimeUnit.SECONDS));
        }
    }

    // As the guests of a queue, each of which begins the next at its end.
    @Test
    void shouldWaitForTasksThatComeOfTasks() {
        AtomicInteger left = new AtomicInteger(10_000);
        background.run(() -> next(left));
        assertTrue(background.awaitQuiet(TimeUnit.MINUTES.toNanos(1)));
        assertEquals(0, left.get());
    }

    private void next(AtomicInteger left) {
        if (left.decrementAndGet() > 0) {
            background.run(() -> next(left));
        }
    }

    @Test
    void shouldBeQuietAtFirst() {
        assertTrue(background.awaitQuiet(TimeUnit.MINUTES.toNanos(1)));
    }

    @Test
    void shouldHoldOnToNothingThatIsDone() throws Exception {
        WeakReference<AtomicInteger> held = runWithOne();
        assertTrue(background.awaitQuiet(TimeUnit.MINUTES.toNanos(1)));
        long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        while (held.get() != null) {
            assertTrue(System.nanoTime() < patience, "it is still there");
            System.gc();
            Thread.sleep(1);
        }
    }

    private WeakReference<AtomicInteger> runWithOne() {
        AtomicInteger strong = new AtomicInteger();
        background.run(strong::incrementAndGet);
        return new WeakReference<>(strong);
    }
}
