package jukvm.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import jukvm.error.HostException;
import jukvm.guest.Limit;
import jukvm.guest.Outcome;
import org.junit.jupiter.api.Test;

/** A limit is looked at until the guest has ended, and leaves nothing behind. */
final class LimitWatchdogTest {
    private static final Duration LIMIT = Duration.ofMillis(100);
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);

    private final ManualTime time = new ManualTime();
    private final BackgroundTasks background = new BackgroundTasks();
    private final List<Outcome> stops = Collections.synchronizedList(new ArrayList<>());
    private final AtomicLong cpuNanos = new AtomicLong(7 * MILLI); // Of guests before.
    private final AtomicLong ownBytes = new AtomicLong(1 << 20); // It began with so much.

    private LimitWatchdog watchdog(Limits limits) {
        return new LimitWatchdog(time, background, limits, stops::add);
    }

    private void pass(long nanos) {
        time.pass(nanos);
        assertTrue(background.awaitQuiet(TimeUnit.MINUTES.toNanos(1)));
    }

    private LimitWatchdog entered(Limits limits) {
        LimitWatchdog watchdog = watchdog(limits);
        watchdog.requested(time.now());
        watchdog.entered(cpuNanos::get, ownBytes::get);
        return watchdog;
    }

    @Test
    void shouldCountTheDeadlineFromTheRequest() {
        LimitWatchdog watchdog = watchdog(Limits.none().withDeadline(LIMIT));
        watchdog.requested(time.now() - 60 * MILLI);
        pass(40 * MILLI - 1);
        assertEquals(List.of(), stops);
        pass(1);
        assertEquals(List.of(new Outcome.DeadlineExpired(LIMIT)), stops);
    }

    @Test
    void shouldStopAtOnceWhatWasAskedForTooLongAgo() {
        watchdog(Limits.none().withDeadline(LIMIT)).requested(time.now() - 1000 * MILLI);
        pass(0);
        assertEquals(List.of(new Outcome.DeadlineExpired(LIMIT)), stops);
    }

    // Looked at when it may have been used up at the earliest: five times for a guest that gets
    // half
    // of a processor, and not each millisecond.
    @Test
    void shouldCountTheProcessorTimeOfTheGuestAlone() {
        entered(Limits.none().withCpuTime(LIMIT));
        for (int i = 0; i < 199; i++) {
            pass(MILLI);
            cpuNanos.addAndGet(MILLI / 2);
        }
        assertEquals(List.of(), stops);
        cpuNanos.addAndGet(MILLI / 2);
        pass(2 * MILLI);
        assertEquals(List.of(new Outcome.LimitExceeded(Limit.CPU_TIME, LIMIT.toNanos())), stops);
    }

    @Test
    void shouldNotStopAGuestThatUsesNoTime() {
        entered(Limits.none().withCpuTime(LIMIT));
        pass(TimeUnit.HOURS.toNanos(1));
        assertEquals(List.of(), stops);
        assertEquals(1, time.timers());
    }

    @Test
    void shouldStopWhatHasMoreMemoryThanItBeganWith() {
        entered(Limits.none().withResident(8192));
        ownBytes.addAndGet(8192);
        pass(20 * MILLI);
        assertEquals(List.of(), stops);
        ownBytes.addAndGet(4096);
        pass(10 * MILLI);
        assertEquals(List.of(new Outcome.LimitExceeded(Limit.MEMORY, 8192)), stops);
    }

    @Test
    void shouldNotLetAGuestGoOnUnwatched() {
        LimitWatchdog watchdog = watchdog(Limits.none().withResident(8192));
        int[] asked = new int[1];
        watchdog.entered(
                cpuNanos::get,
                () -> {
                    if (asked[0]++ > 0) {
                        throw new HostException("pagemap", "gone", 2, "");
                    }
                    return 0;
                });
        pass(10 * MILLI);
        assertEquals(1, stops.size());
        assertEquals(2, ((Outcome.HostError) stops.get(0)).errno());
    }

    @Test
    void shouldCountTheProcessorTimeInAllVmsTogether() {
        LimitWatchdog watchdog = entered(Limits.none().withCpuTime(LIMIT));
        cpuNanos.addAndGet(LIMIT.toNanos() - MILLI);
        watchdog.left();
        AtomicLong elsewhere = new AtomicLong(1000 * MILLI);
        cpuNanos.addAndGet(1000 * MILLI); // Another guest's.
        pass(10_000 * MILLI);
        watchdog.entered(elsewhere::get, ownBytes::get);
        pass(10 * MILLI);
        assertEquals(List.of(), stops);
        elsewhere.addAndGet(MILLI);
        pass(2 * MILLI);
        assertEquals(List.of(new Outcome.LimitExceeded(Limit.CPU_TIME, LIMIT.toNanos())), stops);
    }

    @Test
    void shouldCountWhatAGuestHasSinceItBeganInItsFirstVm() {
        LimitWatchdog watchdog = entered(Limits.none().withResident(8192));
        ownBytes.addAndGet(8192);
        watchdog.left();
        assertEquals(0, time.timers());
        watchdog.entered(cpuNanos::get, ownBytes::get);
        pass(20 * MILLI);
        assertEquals(List.of(), stops);
        ownBytes.addAndGet(4096);
        pass(10 * MILLI);
        assertEquals(List.of(new Outcome.LimitExceeded(Limit.MEMORY, 8192)), stops);
    }

    // It is looked at aside, and meanwhile the VM may be another guest's.
    @Test
    void shouldNotTakeAnotherGuestsMemoryForItsOwn() {
        LimitWatchdog[] leaving = new LimitWatchdog[1];
        int[] asked = new int[1];
        leaving[0] = watchdog(Limits.none().withResident(8192));
        leaving[0].entered(
                cpuNanos::get,
                () -> {
                    if (asked[0]++ > 0) {
                        leaving[0].left();
                    }
                    return asked[0] == 1 ? 0 : 1 << 20;
                });
        pass(20 * MILLI);
        assertEquals(2, asked[0]);
        assertEquals(List.of(), stops);
        assertEquals(0, time.timers());
    }

    @Test
    void shouldLeaveNoTimer() {
        LimitWatchdog watchdog =
                entered(Limits.none().withDeadline(LIMIT).withCpuTime(LIMIT).withResident(4096));
        assertEquals(3, time.timers());
        watchdog.ended();
        assertEquals(0, time.timers());
    }

    // Who cancels may be through with the guest before who asked for it has come to its deadline.
    @Test
    void shouldSetNoTimerForAGuestThatHasEnded() {
        LimitWatchdog watchdog =
                watchdog(Limits.none().withDeadline(LIMIT).withCpuTime(LIMIT).withResident(4096));
        watchdog.ended();
        watchdog.requested(time.now());
        watchdog.entered(cpuNanos::get, ownBytes::get);
        assertEquals(0, time.timers());
        assertEquals(List.of(), stops);
    }
}
