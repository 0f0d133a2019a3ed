package jukvm.control;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jukvm.device.Console;
import jukvm.guest.Limit;
import jukvm.guest.Outcome;
import jukvm.io.Poller;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A stop reaches the guest wherever it is, insists, and does not wait for ever. */
final class GuestStopTest {
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final Outcome CANCELLED = new Outcome.Cancelled();
    private static final Outcome PRINTED = new Outcome.LimitExceeded(Limit.CONSOLE, 1);

    private final ManualTime time = new ManualTime();
    private final BackgroundTasks background = new BackgroundTasks();
    private final RunState state = new RunState();
    private final VcpuScheduler scheduler = new VcpuScheduler(time, 1);
    private final VcpuScheduler.Turn turn = scheduler.turn();
    private final Poller poller = new Poller(turn::give);
    private final FakeVcpu vcpu = new FakeVcpu();
    private final List<String> told = Collections.synchronizedList(new ArrayList<>());
    private final GuestStop stop = stop(told("console"));

    private Console told(String what) {
        return new Console() {
            @Override
            public void write(ByteBuffer bytes) {}

            @Override
            public void stop() {
                told.add(what);
            }
        };
    }

    private GuestStop stop(Console console) {
        return new GuestStop(
                state,
                () -> {
                    turn.interrupt();
                    poller.wake();
                },
                console,
                time,
                background,
                new GuestStop.Ending() {
                    @Override
                    public void endUnstarted() {
                        told.add("unstarted");
                    }

                    @Override
                    public void abandon(Outcome reason) {
                        told.add("abandoned: " + reason);
                    }
                });
    }

    @AfterEach
    void close() {
        poller.close();
    }

    private void enter() {
        assertTrue(state.start());
        vcpu.attach();
        stop.attach(vcpu::kick);
    }

    private List<String> told() {
        assertTrue(background.awaitQuiet(TimeUnit.MINUTES.toNanos(1)));
        return told;
    }

    @Test
    void shouldEndWhatNeverHadAVm() {
        stop.ask(CANCELLED);
        assertEquals(List.of("unstarted"), told());
        assertEquals(0, vcpu.kicks.get());
    }

    @Test
    void shouldKickAgainEachMillisecondUntilTheGuestIsOut() {
        enter();
        stop.ask(CANCELLED);
        int atOnce = vcpu.kicks.get();
        assertTrue(atOnce >= 1);
        time.pass(10 * MILLI);
        assertEquals(atOnce + 10, vcpu.kicks.get());
        stop.detach();
        time.pass(10 * MILLI);
        assertEquals(atOnce + 10, vcpu.kicks.get());
        assertTrue(stop.ended());
        assertEquals(0, time.timers());
    }

    // Whoever runs the vCPU looks for a reason after it is attached, and does not enter it then.
    @Test
    void shouldNotKickWhatHasNotBeenEntered() {
        assertTrue(state.start());
        stop.ask(CANCELLED);
        time.pass(10 * MILLI);
        assertEquals(0, vcpu.kicks.get());
        assertEquals(List.of(), told(), "nor is a console told that nobody has written to");
        assertEquals(CANCELLED, state.reason());
    }

    @Test
    void shouldWakeAGuestThatWaitsForItsTurn() throws Exception {
        VcpuScheduler.Turn holder = scheduler.turn();
        holder.take(new FakeVcpu(), new RunState());
        enter();
        Thread guest = new Thread(() -> turn.take(vcpu, state));
        guest.start();
        stop.ask(CANCELLED);
        guest.join(TimeUnit.MINUTES.toMillis(1));
        assertFalse(guest.isAlive());
        assertFalse(turn.isHeld());
    }

    @Test
    void shouldWakeAGuestThatPolls() throws Exception {
        enter();
        Thread guest = new Thread(() -> poller.await(-1));
        guest.start();
        stop.ask(CANCELLED);
        guest.join(TimeUnit.MINUTES.toMillis(1));
        assertFalse(guest.isAlive());
    }

    @Test
    void shouldTellTheConsoleOfAGuestThatWasEnteredOnce() {
        enter();
        stop.ask(PRINTED);
        stop.ask(CANCELLED);
        assertEquals(List.of("console"), told());
        assertEquals(PRINTED, state.reason());
    }

    @Test
    void shouldNotWaitForAConsoleThatBlocks() throws Exception {
        CountDownLatch released = new CountDownLatch(1);
        GuestStop blocking =
                stop(
                        new Console() {
                            @Override
                            public void write(ByteBuffer bytes) {}

                            @Override
                            public void stop() {
                                try {
                                    released.await();
                                } catch (InterruptedException e) {
                                    throw new AssertionError(e);
                                }
                                told.add("released");
                            }
                        });
        assertTrue(state.start());
        vcpu.attach();
        blocking.attach(vcpu::kick);
        blocking.ask(CANCELLED);
        assertTrue(vcpu.kicks.get() > 0);
        released.countDown();
        assertEquals(List.of("released"), told());
    }

    @Test
    void shouldAbandonWhatDoesNotComeBack() {
        enter();
        stop.ask(CANCELLED);
        time.pass(GuestStop.PATIENCE_NANOS - 1);
        assertEquals(List.of("console"), told());
        time.pass(1);
        assertEquals(List.of("console", "abandoned: " + CANCELLED), told());
        stop.detach();
        assertFalse(stop.ended(), "its result was delivered");
        assertEquals(0, time.timers());
    }

    @Test
    void shouldHavePatienceWithWhatIsAllowedMore() {
        enter();
        stop.ask(CANCELLED);
        stop.allow(3 * GuestStop.PATIENCE_NANOS);
        time.pass(3 * GuestStop.PATIENCE_NANOS - 1);
        assertEquals(List.of("console"), told());
        time.pass(1);
        assertEquals(List.of("console", "abandoned: " + CANCELLED), told());
        stop.detach();
        assertFalse(stop.ended());
        assertEquals(0, time.timers());
    }

    @Test
    void shouldNotBeAskedOnceItHasEnded() {
        enter();
        stop.detach();
        assertTrue(stop.ended());
        stop.ask(CANCELLED);
        time.pass(2 * GuestStop.PATIENCE_NANOS);
        assertEquals(List.of(), told());
        assertEquals(0, time.timers());
    }
}
