package jukvm.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.testing.Allocation;
import jukvm.testing.OpenFiles;
import jukvm.testing.Waiting;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PollerTest {
    private static final long FOREVER = Long.MAX_VALUE;

    private static final Libc LIBC = Libc.get();
    private static final long HOUR = 3_600_000_000_000L;
    private static final int SIGPIPE = 13;

    private final Poller poller = new Poller();

    @AfterEach
    void close() {
        poller.close();
    }

    @Test
    void shouldReturnAtOnceWhenThereIsNothingToWaitFor() throws Exception {
        Waiting.assertReturns(() -> poller.await(0));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 999, 1_000_000, 20_000_000, 1_010_000_000})
    void shouldWaitAsLongAsAsked(long nanos) throws Exception {
        AtomicLong waited = new AtomicLong();
        Waiting.assertReturns(
                () -> {
                    long start = System.nanoTime();
                    poller.await(nanos);
                    waited.set(System.nanoTime() - start);
                });
        assertTrue(waited.get() >= nanos, waited + " ns of " + nanos);
    }

    @ParameterizedTest
    @ValueSource(longs = {HOUR, Long.MAX_VALUE, Long.MAX_VALUE - 1, -1, Long.MIN_VALUE})
    void shouldWaitUntilWokenByAnotherThread(long nanos) throws Exception {
        Waiting waiting = new Waiting(() -> poller.await(nanos));
        Thread.sleep(30);
        assertTrue(waiting.goesOn());
        poller.wake();
        waiting.assertReturns();
    }

    @Test
    void shouldLookAgainWhenNudgedAndWaitOn() throws Exception {
        AtomicLong looks = new AtomicLong();
        try (Poller each = new Poller(looks::incrementAndGet)) {
            each.nudge(); // Nobody waits yet.
            Waiting waiting = new Waiting(() -> each.await(HOUR));
            Waiting.assertBecomes(() -> looks.get() == 1);
            for (int i = 2; i <= 20; i++) {
                each.nudge();
                long expected = i;
                Waiting.assertBecomes(() -> looks.get() >= expected);
            }
            assertTrue(waiting.goesOn());
            each.wake();
            waiting.assertReturns();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {HOUR, -1})
    void shouldNotLoseAWakeBeforeTheWait(long nanos) throws Exception {
        poller.wake();
        Waiting.assertReturns(() -> poller.await(nanos));
        Waiting.assertReturns(() -> poller.await(nanos));
    }

    @Test
    void shouldNotLoseAWakeAsTheWaitBegins() throws Exception {
        for (int i = 0; i < 500; i++) {
            try (Poller each = new Poller()) {
                CountDownLatch begin = new CountDownLatch(1);
                Waiting waiting =
                        new Waiting(
                                () -> {
                                    begin.countDown();
                                    each.await(-1);
                                });
                begin.await();
                each.wake();
                waiting.assertReturns();
            }
        }
    }

    @Test
    void shouldStayWokenAfterAWait() throws Exception {
        poller.await(1);
        poller.wake();
        poller.wake();
        Waiting.assertReturns(() -> poller.await(HOUR));
        Waiting.assertReturns(() -> assertFalse(poller.awaitWritable(1, FOREVER)));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReturnAtOnceAfterClose(boolean waitedBefore) throws Exception {
        if (waitedBefore) {
            poller.await(1);
        }
        poller.close();
        poller.close();
        poller.wake();
        Waiting.assertReturns(() -> poller.await(HOUR));
        Waiting.assertReturns(() -> poller.await(-1));
    }

    @Test
    void shouldWaitOnWhenASignalInterrupts() throws Exception {
        long nanos = 200_000_000;
        AtomicLong thread = new AtomicLong();
        AtomicLong waited = new AtomicLong();
        Waiting waiting =
                new Waiting(
                        () -> {
                            thread.set(LIBC.syscall(Libc.SYS_GETTID, 0, 0, 0, 0, 0));
                            long start = System.nanoTime();
                            poller.await(nanos);
                            waited.set(System.nanoTime() - start);
                        });
        long process = ProcessHandle.current().pid();
        while (waited.get() == 0 && waiting.goesOn()) {
            // The JVM's handler ignores it, but it ends system calls.
            if (thread.get() != 0) {
                LIBC.syscall(Libc.SYS_TGKILL, process, thread.get(), SIGPIPE, 0, 0);
            }
            Thread.sleep(1);
        }
        waiting.assertReturns();
        assertTrue(waited.get() >= nanos, waited + " ns of " + nanos);
    }

    @Test
    void shouldTellThatADescriptorTakesBytes() {
        try (Fd fd = Fd.open("/dev/null", Libc.O_RDWR)) {
            assertTrue(poller.awaitWritable(fd.number(), FOREVER));
        }
    }

    @Test
    void shouldWaitUntilADescriptorTakesBytes() throws Exception {
        try (Fd full = fullEvent();
                Mapping arena = Mapping.anonymous(8)) {
            Waiting waiting =
                    new Waiting(() -> assertTrue(poller.awaitWritable(full.number(), FOREVER)));
            Thread.sleep(30);
            assertTrue(waiting.goesOn());
            LIBC.read(full.number(), arena.address(), 8);
            waiting.assertReturns();
        }
    }

    @Test
    void shouldTellThatItWasWokenFirst() throws Exception {
        try (Fd full = fullEvent()) {
            Waiting waiting =
                    new Waiting(() -> assertFalse(poller.awaitWritable(full.number(), FOREVER)));
            Thread.sleep(30);
            assertTrue(waiting.goesOn());
            poller.wake();
            waiting.assertReturns();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 31, 32, 63})
    void shouldReturnTheBitOfADeviceUntilItIsSilent(int index) {
        try (Doorbell doorbell = Doorbell.open()) {
            poller.watch(index, doorbell);
            assertEquals(0, poller.await(0));
            assertEquals(0, poller.await(1000));
            doorbell.ring();
            for (long nanos : new long[] {0, 1, HOUR, -1}) {
                assertEquals(1L << index, poller.await(nanos));
                assertEquals(0, poller.failed());
            }
            doorbell.silence();
            assertEquals(0, poller.await(0));
            assertEquals(0, poller.await(1000));
        }
    }

    @Test
    void shouldTellDevicesApart() {
        try (Doorbell low = Doorbell.open();
                Doorbell high = Doorbell.open()) {
            poller.watch(2, low);
            poller.watch(5, high);
            high.ring();
            assertEquals(1 << 5, poller.await(-1));
            low.ring();
            assertEquals(1 << 5 | 1 << 2, poller.await(-1));
            poller.unwatch(high);
            poller.unwatch(high);
            assertEquals(1 << 2, poller.await(-1));
            poller.watch(5, high);
            assertEquals(1 << 5 | 1 << 2, poller.await(0));
        }
    }

    @Test
    void shouldWaitUntilADeviceIsReadable() throws Exception {
        try (Doorbell doorbell = Doorbell.open()) {
            poller.watch(0, doorbell);
            Waiting waiting = new Waiting(() -> assertEquals(1, poller.await(-1)));
            Thread.sleep(30);
            assertTrue(waiting.goesOn());
            doorbell.ring();
            waiting.assertReturns();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 999, 1_000_000, 20_000_000})
    void shouldWaitAsLongAsAskedForASilentDevice(long nanos) {
        try (Doorbell doorbell = Doorbell.open()) {
            poller.watch(0, doorbell);
            long start = System.nanoTime();
            assertEquals(0, poller.await(nanos));
            long waited = System.nanoTime() - start;
            assertTrue(waited >= nanos, waited + " ns of " + nanos);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEndEveryWaitForDevicesOnceWoken(boolean readable) throws Exception {
        try (Doorbell doorbell = Doorbell.open()) {
            poller.watch(0, doorbell);
            if (!readable) {
                Waiting waiting = new Waiting(() -> assertEquals(0, poller.await(-1)));
                Thread.sleep(30);
                poller.wake();
                waiting.assertReturns();
            } else {
                doorbell.ring();
                poller.wake();
            }
            for (long nanos : new long[] {0, 1, HOUR, -1}) {
                Waiting.assertReturns(() -> assertEquals(0, poller.await(nanos)));
            }
        }
    }

    @Test
    void shouldRefuseToWatchTwice() {
        try (Doorbell one = Doorbell.open();
                Doorbell other = Doorbell.open()) {
            poller.watch(1, one);
            assertThrows(IllegalArgumentException.class, () -> poller.watch(1, other));
            assertThrows(IllegalArgumentException.class, () -> poller.watch(2, one));
            assertThrows(IndexOutOfBoundsException.class, () -> poller.watch(64, other));
            assertThrows(IndexOutOfBoundsException.class, () -> poller.watch(-1, other));
            other.ring();
            assertEquals(0, poller.await(0));
        }
    }

    @Test
    void shouldLeaveNoDescriptorOpen() throws Exception {
        try (Doorbell doorbell = Doorbell.open()) {
            OpenFiles before = OpenFiles.now(OpenFiles.ANONYMOUS);
            for (int i = 0; i < 10; i++) {
                try (Poller each = new Poller()) {
                    each.watch(0, doorbell);
                    each.await(1);
                }
            }
            before.assertNothingMore();
            poller.watch(0, doorbell);
            poller.close();
            assertEquals(0, poller.await(-1));
            before.assertNothingMore();
        }
        try (Doorbell late = Doorbell.open()) {
            assertThrows(IllegalStateException.class, () -> poller.watch(1, late));
        }
    }

    @Test
    void shouldLeaveALongWaitAndGoOnWithIt() throws Exception {
        AtomicBoolean leaves = new AtomicBoolean();
        AtomicLong asked = new AtomicLong();
        Poller.Leaving answer =
                (waited, left) -> {
                    asked.incrementAndGet();
                    assertTrue(waited >= Poller.LONG_NANOS && left > 0);
                    return leaves.get();
                };
        long second = TimeUnit.SECONDS.toNanos(1);
        try (Doorbell doorbell = Doorbell.open();
                Poller each = new Poller(() -> {}, answer)) {
            OpenFiles before = OpenFiles.now(OpenFiles.ANONYMOUS);
            each.watch(3, doorbell);
            assertEquals(0, each.await(Poller.LONG_NANOS / 2));
            assertEquals(0, asked.get());
            assertEquals(0, each.await(second)); // Asked after twice as long each time.
            assertTrue(asked.get() > 0 && asked.get() <= 7, asked::toString);
            leaves.set(true);
            long start = System.nanoTime();
            assertThrows(ParkedException.class, () -> each.await(2 * second));
            assertTrue(each.leftNanos() > 0 && each.leftNanos() <= 2 * second - Poller.LONG_NANOS);
            assertEquals(List.of(doorbell), each.watched());
            each.giveBack();
            before.assertNothingMore();
            leaves.set(false);
            assertEquals(0, each.await(2 * second)); // All of it, but no more.
            assertTrue(System.nanoTime() - start >= 2 * second);
            assertTrue(each.waitedNanos() > 2 * second);
            leaves.set(true);
            assertThrows(ParkedException.class, () -> each.await(-1));
            each.giveBack();
            doorbell.ring();
            assertEquals(1 << 3, each.await(-1));
        }
    }

    @Test
    void shouldTellOfADeviceThatWasClosedWhileItsWaitWasLeft() {
        Doorbell doorbell = Doorbell.open();
        try (Poller each = new Poller(() -> {}, (waited, left) -> true)) {
            each.watch(0, doorbell);
            assertThrows(ParkedException.class, () -> each.await(-1));
            each.giveBack();
            doorbell.close();
            assertEquals(1, each.await(-1));
            assertEquals(1, each.failed());
            assertEquals(List.of(), each.watched());
        }
    }

    @Test
    void shouldAllocateNothingForAWait() {
        try (Doorbell doorbell = Doorbell.open()) {
            poller.watch(0, doorbell);
            Allocation.assertNone(() -> poller.await(0));
            doorbell.ring();
            Allocation.assertNone(() -> poller.await(-1));
        }
    }

    /** An eventfd whose count is the highest there is: it takes no more. */
    private static Fd fullEvent() {
        Fd event = Fd.event("full");
        try (Mapping arena = Mapping.anonymous(8)) {
            arena.window(0, 8).putLong(0, -2);
            LIBC.write(event.number(), arena.address(), 8);
        }
        return event;
    }

    @Test
    void shouldDoAgainWhatItDoesBeforeWaitingWhenNudged() throws Exception {
        AtomicLong times = new AtomicLong();
        try (Poller nudged = new Poller(times::incrementAndGet)) {
            nudged.nudge(); // Nobody waits yet: nothing comes of it.
            Waiting waiting = new Waiting(() -> nudged.await(HOUR));
            for (int i = 1; i < 4; i++) {
                while (times.get() < i) {
                    assertTrue(waiting.goesOn());
                    Thread.onSpinWait();
                }
                nudged.nudge();
            }
            nudged.wake();
            waiting.assertReturns();
        }
    }
}
