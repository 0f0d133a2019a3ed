package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Code;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.TinyGuest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a guest asks its console or disk for does not keep it from being stopped. */
@RequiresKvm
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
final class HeldGuestIT {
    private static final Duration DEADLINE = Duration.ofMillis(200);
    private static final long MEMORY = 512L << 20;
    private static final long MUCH = 448L << 20;
    private static final int BLOCK_WRITE = 0x504;
    private static final int BLOCK_READ = 0x505;

    private final Monitor monitor = Monitor.open();

    @AfterAll
    void close() {
        monitor.close();
    }

    // All of a large request would take ten seconds and more.
    private static void take(ByteBuffer bytes, AtomicLong taken) {
        LockSupport.parkNanos(bytes.remaining() * 25L);
        taken.addAndGet(bytes.remaining());
    }

    private RunResult run(GuestSpec guest, List<String> lines) {
        return Run.run(monitor, guest.deadline(DEADLINE).notices(lines::add));
    }

    private static void assertStopped(RunResult result, AtomicLong taken) {
        assertEquals(new Outcome.DeadlineExpired(DEADLINE), result.outcome());
        assertTrue(taken.get() > 0 && taken.get() < MUCH / 2, taken + " bytes");
    }

    @Test
    void shouldStopAGuestInOneLargeRequestToPrint() {
        AtomicLong taken = new AtomicLong();
        Code code = new Code().puts(TinyGuest.HEAP, MUCH).done();
        List<String> lines = new CopyOnWriteArrayList<>();
        GuestSpec guest =
                GuestSpec.of(TinyGuest.image("prints", code.bytes()))
                        .memory(MEMORY)
                        .console(bytes -> take(bytes, taken));
        RunResult result = run(guest, lines);
        assertStopped(result, taken);
        assertEquals(taken.get(), result.counters().consoleBytes());
        assertEquals(
                List.of(
                        "console: the guest was stopped in a request, of which "
                                + (MUCH - taken.get())
                                + " bytes were not printed"),
                lines);
    }

    /** A disk whose requests take their time. */
    private record SlowDisk(AtomicLong taken) implements BlockDevice {
        @Override
        public long capacity() {
            return MEMORY;
        }

        @Override
        public int blockSize() {
            return 512;
        }

        @Override
        public void read(long offset, ByteBuffer into) {
            take(into, taken);
        }

        @Override
        public void write(long offset, ByteBuffer from) {
            take(from, taken);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {BLOCK_READ, BLOCK_WRITE})
    void shouldStopAGuestInOneLargeRequestToItsDisk(int port) {
        AtomicLong taken = new AtomicLong();
        Code code =
                new Code()
                        .store(TinyGuest.CALL, 1)
                        .store(TinyGuest.CALL + 8, 0)
                        .store(TinyGuest.CALL + 16, TinyGuest.HEAP)
                        .store(TinyGuest.CALL + 24, MUCH)
                        .call(port, TinyGuest.CALL)
                        .done();
        List<String> lines = new CopyOnWriteArrayList<>();
        GuestSpec guest =
                GuestSpec.of(TinyGuest.withDisk("disk", code.bytes()))
                        .memory(MEMORY)
                        .block(TinyGuest.DISK, new SlowDisk(taken));
        assertStopped(run(guest, lines), taken);
        assertEquals(
                List.of(
                        "device 'storage': the guest was stopped in a request of "
                                + MUCH
                                + " bytes at offset 0: "
                                + taken.get()
                                + (port == BLOCK_READ ? " were read" : " were written")),
                lines);
    }

    /** Where a guest is held. */
    private enum Place {
        READ,
        WRITE,
        FLUSH,
        CONSOLE
    }

    /** A disk and console that do not come back from one place before they are released. */
    private static final class Hanging implements BlockDevice, Console {
        private final Place place;
        private final CountDownLatch held = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private final CountDownLatch over = new CountDownLatch(1);

        Hanging(Place place) {
            this.place = place;
        }

        private void pass(Place now) {
            if (now == place) {
                held.countDown();
                boolean isReleased = false;
                while (!isReleased) {
                    try {
                        isReleased = released.await(1, TimeUnit.HOURS);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }
                over.countDown();
            }
        }

        @Override
        public long capacity() {
            return 1 << 20;
        }

        @Override
        public int blockSize() {
            return 512;
        }

        @Override
        public void read(long offset, ByteBuffer into) {
            pass(Place.READ);
        }

        @Override
        public void write(long offset, ByteBuffer from) {
            pass(Place.WRITE);
        }

        @Override
        public void flush() {
            pass(Place.FLUSH);
        }

        @Override
        public void write(ByteBuffer bytes) {
            pass(Place.CONSOLE);
        }
    }

    @Test
    void shouldLeaveBehindThreadsThatDoNotComeBack() throws Exception {
        GuestImage block = GuestImage.read(Guests.prebuilt("block.hvt"));
        List<Hanging> all = Stream.of(Place.values()).map(Hanging::new).toList();
        List<String> lines = new CopyOnWriteArrayList<>();
        Monitor own = Monitor.open();
        try {
            List<CompletableFuture<RunResult>> results = new ArrayList<>();
            for (Hanging hanging : all) {
                GuestSpec guest =
                        GuestSpec.of(block)
                                .memory(4L << 20)
                                .block("storage", hanging)
                                .console(hanging)
                                .notices(lines::add)
                                .deadline(DEADLINE);
                results.add(own.start(guest).result());
            }
            for (CompletableFuture<RunResult> result : results) {
                RunResult ended = result.get(Run.LONG.toSeconds(), TimeUnit.SECONDS);
                assertEquals(new Outcome.DeadlineExpired(DEADLINE), ended.outcome());
            }
            for (Hanging hanging : all) {
                assertEquals(0, hanging.held.getCount(), () -> hanging.place + " is not held");
            }
            assertEquals(all.size(), lines.size());
            assertTrue(lines.get(0).startsWith("a device or the console has not come back"));
            // Others are none the worse for it.
            GuestImage hello = GuestImage.read(Guests.prebuilt("hello.hvt"));
            GuestSpec other = GuestSpec.of(hello).memory(4L << 20);
            assertEquals(new Outcome.Exited(0), Run.run(own, other).outcome());
        } finally {
            own.close(); // Which does not wait either.
            all.forEach(hanging -> assertEquals(1, hanging.over.getCount()));
            all.forEach(hanging -> hanging.released.countDown());
        }
        for (Hanging hanging : all) {
            assertTrue(hanging.over.await(Run.LONG.toSeconds(), TimeUnit.SECONDS));
        }
    }
}
