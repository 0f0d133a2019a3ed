package jukvm.monitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import jukvm.io.ThreadClock;
import jukvm.memory.GuestMemory;
import jukvm.memory.PageScan;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A limit is looked at until the guest has ended, and leaves nothing behind. */
final class OverseerTest {
    private static final Duration LONG = Duration.ofHours(1);
    private static final Limits ALL =
            Limits.none().withDeadline(LONG).withCpuTime(LONG).withResident(4096);

    private final ScheduledThreadPoolExecutor time = new ScheduledThreadPoolExecutor(1);
    private final List<Outcome> wishes = new ArrayList<>();
    private final Aside aside = new Aside();

    OverseerTest() {
        time.setRemoveOnCancelPolicy(true);
    }

    @AfterEach
    void close() {
        time.shutdownNow();
    }

    private Overseer overseer(Limits limits) {
        return new Overseer(time, aside, limits, wishes::add);
    }

    private static void enter(Overseer overseer) {
        try (PageScan scan = PageScan.open();
                GuestMemory memory = GuestMemory.allocate(1 << 20)) {
            overseer.entered(ThreadClock.ofCurrentThread(), memory, scan);
        }
    }

    @Test
    void shouldLeaveNoTimer() {
        Overseer overseer = overseer(ALL);
        overseer.requested(System.nanoTime());
        assertEquals(1, time.getQueue().size());
        overseer.ended();
        assertEquals(0, time.getQueue().size());
    }

    // Who cancels may be through with the guest before who asked for it has come to its deadline.
    @Test
    void shouldSetNoTimerForAGuestThatHasEnded() {
        Overseer overseer = overseer(ALL);
        overseer.ended();
        overseer.requested(System.nanoTime());
        enter(overseer);
        assertEquals(0, time.getQueue().size());
        assertEquals(List.of(), wishes);
    }

    @Test
    void shouldStopWhatHasMoreThanItBeganWith() throws Exception {
        CompletableFuture<Outcome> wish = new CompletableFuture<>();
        Overseer overseer =
                new Overseer(time, aside, Limits.none().withResident(8192), wish::complete);
        try (PageScan scan = PageScan.open();
                GuestMemory memory = GuestMemory.allocate(1 << 20)) {
            for (long gpa = 0; gpa < 1 << 19; gpa += GuestMemory.PAGE) {
                memory.putU64(gpa, 1);
            }
            overseer.entered(ThreadClock.ofCurrentThread(), memory, scan);
            memory.putU64(1 << 19, 1);
            memory.putU64(0, 2);
            Thread.sleep(50); // A look or more, none of which may stop it.
            assertTrue(!wish.isDone(), () -> "" + wish.join());
            memory.putU64((1 << 19) + 4096, 1);
            memory.putU64((1 << 19) + 8192, 1);
            assertEquals(
                    new Outcome.LimitExceeded(Limit.MEMORY, 8192), wish.get(30, TimeUnit.SECONDS));
            overseer.ended();
            assertTrue(aside.awaitQuiet(TimeUnit.MINUTES.toNanos(1)));
        }
    }
}
