package jukvm.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jukvm.guest.Outcome;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** As many run as there are processors, and the others come to their turn. */
final class VcpuSchedulerTest {
    private static final Outcome CANCELLED = new Outcome.Cancelled();

    private final ManualTime time = new ManualTime();
    private final VcpuScheduler scheduler = new VcpuScheduler(time, 1);
    private final List<Guest> guests = new ArrayList<>();

    /** A guest's thread, which takes its turn and says when it has it. */
    private final class Guest {
        private final VcpuScheduler.Turn turn = scheduler.turn();
        private final FakeVcpu vcpu = new FakeVcpu();
        private final RunState state = new RunState();
        private final AtomicInteger taken = new AtomicInteger();
        private Thread thread = new Thread(() -> {});

        Guest() {
            guests.add(this);
        }

        /** Has it wait for its turn, and returns when it does, or has it. */
        Guest come() throws InterruptedException {
            thread =
                    new Thread(
                            () -> {
                                turn.take(vcpu, state);
                                taken.incrementAndGet();
                            });
            thread.start();
            await(() -> !thread.isAlive() || thread.getState() == Thread.State.WAITING);
            return this;
        }

        void awaitTurn() throws InterruptedException {
            await(() -> !thread.isAlive());
            assertTrue(turn.isHeld());
        }

        boolean isWaiting() {
            return thread.isAlive();
        }

        void stop() {
            state.stop(CANCELLED);
            turn.interrupt();
        }
    }

    private interface Condition {
        boolean holds();
    }

    private static void await(Condition condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!condition.holds()) {
            assertTrue(System.nanoTime() < end, "it does not come to pass");
            Thread.sleep(1);
        }
    }

    @AfterEach
    void stopAll() throws InterruptedException {
        for (Guest guest : guests) {
            guest.stop();
            guest.thread.join();
        }
    }

    @Test
    void shouldLetOneRunUntilItGivesItsTurn() throws Exception {
        Guest first = new Guest().come();
        first.awaitTurn();
        Guest second = new Guest().come();
        assertTrue(second.isWaiting());
        first.turn.give();
        second.awaitTurn();
        assertFalse(first.turn.isHeld());
    }

    @Test
    void shouldTakeATurnAwayAfterASliceIfAnotherWaits() throws Exception {
        Guest first = new Guest().come();
        first.awaitTurn();
        time.pass(10 * VcpuScheduler.SLICE_NANOS);
        assertTrue(first.turn.isHeld(), "nobody else wants it");
        Guest second = new Guest().come();
        time.pass(VcpuScheduler.SLICE_NANOS);
        assertFalse(first.turn.isHeld());
        assertEquals(1, first.vcpu.kicks.get());
        second.awaitTurn();
    }

    // A new guest of a millisecond passes any number that compute.
    @Test
    void shouldLetTheNewPassThoseThatUsedUpTheirTurn() throws Exception {
        Guest spinner = new Guest().come();
        Guest other = new Guest().come();
        time.pass(VcpuScheduler.SLICE_NANOS);
        other.awaitTurn();
        spinner.come();
        Guest fresh = new Guest().come();
        assertTrue(spinner.isWaiting() && fresh.isWaiting());
        other.turn.give();
        fresh.awaitTurn();
        assertTrue(spinner.isWaiting());
        fresh.turn.give();
        spinner.awaitTurn();
    }

    @Test
    void shouldNotWaitForTheTurnOfAGuestThatIsStopped() throws Exception {
        new Guest().come().awaitTurn();
        Guest second = new Guest().come();
        second.stop();
        await(() -> !second.isWaiting());
        assertFalse(second.turn.isHeld());
        second.turn.give();
        Guest third = new Guest().come();
        assertTrue(third.isWaiting(), "the first has it still");
    }

    @Test
    void shouldPauseAGuestThatRuns() throws Exception {
        Guest first = new Guest().come();
        first.awaitTurn();
        first.turn.pause();
        assertFalse(first.turn.isHeld());
        assertEquals(1, first.vcpu.kicks.get());
        first.come();
        Guest second = new Guest().come();
        second.awaitTurn();
        second.turn.give();
        assertTrue(first.isWaiting(), "it is paused");
        first.turn.resume();
        first.awaitTurn();
    }

    @Test
    void shouldPauseAGuestThatWaits() throws Exception {
        Guest first = new Guest().come();
        first.awaitTurn();
        Guest second = new Guest().come();
        second.turn.pause();
        first.turn.give();
        assertTrue(second.isWaiting());
        second.turn.resume();
        second.awaitTurn();
    }

    @Test
    void shouldPauseAGuestThatHasNotCome() throws Exception {
        Guest guest = new Guest();
        guest.turn.pause();
        guest.come();
        assertTrue(guest.isWaiting());
        guest.turn.resume();
        guest.awaitTurn();
    }

    @Test
    void shouldHaveARunningGuestDoAnErrandAndGoOn() throws Exception {
        Guest first = new Guest().come();
        first.awaitTurn();
        AtomicInteger done = new AtomicInteger();
        assertTrue(first.turn.send(done::incrementAndGet));
        assertFalse(first.turn.send(done::incrementAndGet), "there is one");
        assertFalse(first.turn.isHeld());
        assertEquals(1, first.vcpu.kicks.get());
        Guest second = new Guest().come();
        second.awaitTurn();
        first.come();
        await(() -> done.get() == 1);
        assertTrue(first.isWaiting());
        second.turn.give();
        first.awaitTurn();
    }

    @Test
    void shouldHaveAGuestThatWaitsOrIsPausedDoAnErrand() throws Exception {
        new Guest().come().awaitTurn();
        Guest second = new Guest();
        AtomicInteger done = new AtomicInteger();
        second.come();
        assertTrue(second.turn.send(done::incrementAndGet));
        await(() -> done.get() == 1);
        second.turn.pause();
        assertTrue(second.turn.send(done::incrementAndGet));
        await(() -> done.get() == 2);
        assertTrue(second.isWaiting());
        assertFalse(second.turn.isHeld());
    }

    @Test
    void shouldWithdrawAnErrandThatNobodyHasBegun() throws Exception {
        Guest guest = new Guest();
        AtomicInteger done = new AtomicInteger();
        Runnable errand = done::incrementAndGet;
        assertTrue(guest.turn.send(errand));
        assertTrue(guest.turn.withdraw(errand));
        assertFalse(guest.turn.withdraw(errand));
        guest.come().awaitTurn();
        assertEquals(0, done.get());
        assertTrue(guest.turn.isHeld());
    }

    // What the embedder's callbacks are told is for them to see.
    @Test
    void shouldKeepAnInterruptForLater() throws Exception {
        new Guest().come().awaitTurn();
        Guest second = new Guest();
        List<Boolean> interrupted = new ArrayList<>();
        second.thread =
                new Thread(
                        () -> {
                            second.turn.take(second.vcpu, second.state);
                            interrupted.add(Thread.currentThread().isInterrupted());
                        });
        second.thread.start();
        second.thread.interrupt();
        await(() -> second.thread.getState() == Thread.State.WAITING);
        second.stop();
        second.thread.join();
        assertEquals(List.of(true), interrupted);
    }

    // With as many processors as guests nobody waits and no timer is set.
    @Test
    void shouldNotKeepTimeForNobody() throws Exception {
        VcpuScheduler wide = new VcpuScheduler(time, 2);
        wide.turn().take(new FakeVcpu(), new RunState());
        wide.turn().take(new FakeVcpu(), new RunState());
        assertEquals(0, time.timers());
    }

    @Test
    void shouldWaitForAsLongAsAnythingKeepsItFromItsTurn() throws InterruptedException {
        Guest guest = new Guest();
        guest.turn.pause();
        guest.turn.spend();
        guest.come();
        guest.turn.resume();
        assertTrue(guest.isWaiting());
        guest.turn.pause();
        guest.turn.earn();
        assertTrue(guest.isWaiting());
        guest.turn.resume();
        guest.awaitTurn();
    }
}
