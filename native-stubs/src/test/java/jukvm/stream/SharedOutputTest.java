package jukvm.stream;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import jukvm.io.Endpoints;
import jukvm.io.Poller;
import jukvm.libc.Errno;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Outputs that others write as well and whose readers stop reading. */
class SharedOutputTest {
    private static final int MUCH = 4 << 20; // More than any of them holds.
    private static final ByteBuffer BYTES = ByteBuffer.allocateDirect(MUCH);
    private static final int PAGE = 4096;
    private static final int ROUNDS = 20; // Who wins a race is not decided by one.
    private static final long PATIENCE_SECONDS = 60;

    @TempDir private Path dir = Path.of("");

    private static Thread writing(StandardOutput output, int length) {
        ByteBuffer bytes = BYTES.duplicate().limit(length);
        Thread thread = new Thread(() -> output.write(bytes));
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void assertEnds(Thread thread) throws InterruptedException {
        thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
        assertFalse(thread.isAlive(), "still in a write");
    }

    // A write of more than there is room for blocks at last; not to wait for that proves less.
    private static void awaitFull(Endpoints ends) throws InterruptedException {
        int before = -1;
        int now = ends.waiting();
        while (now == 0 || now != before) {
            Thread.sleep(100);
            before = now;
            now = ends.waiting();
        }
    }

    @ParameterizedTest
    @EnumSource(Endpoints.Kind.class)
    void shouldEndAWriteThatNobodyReadsAndLeaveTheFlagsAsTheyAre(Endpoints.Kind kind)
            throws Exception {
        try (Endpoints ends = Endpoints.of(kind, dir);
                StandardOutput output = new StandardOutput(ends.written().number())) {
            int flags = ends.flags();
            Thread writer = writing(output, MUCH);
            awaitFull(ends);
            assertEquals(flags, ends.flags());
            assertEquals(0, flags & Libc.O_NONBLOCK);
            output.stop();
            assertEnds(writer);
            assertTrue(output.lost() > 0 && output.lost() < MUCH, "lost " + output.lost());
        }
    }

    // A stop that comes just before a write must not cost what there is room for.
    @ParameterizedTest
    @EnumSource(Endpoints.Kind.class)
    void shouldWriteAfterAStopWhatThereIsRoomFor(Endpoints.Kind kind) throws Exception {
        try (Endpoints ends = Endpoints.of(kind, dir);
                StandardOutput output = new StandardOutput(ends.written().number())) {
            output.stop();
            output.write(BYTES.duplicate().limit(64));
            assertEquals(0, output.lost());
            output.write(BYTES.duplicate().limit(MUCH));
            assertTrue(output.lost() > 0, "nobody reads it");
        }
    }

    @ParameterizedTest
    @EnumSource(Endpoints.Kind.class)
    void shouldEndTwoWritersOfOnePlaceWhoseReaderStops(Endpoints.Kind kind) throws Exception {
        try (Endpoints ends = Endpoints.of(kind, dir)) {
            for (int i = 0; i < ROUNDS; i++) {
                endTwoWriters(ends);
            }
        }
    }

    private static void endTwoWriters(Endpoints ends) throws InterruptedException {
        try (Mapping page = Mapping.anonymous(PAGE);
                StandardOutput one = new StandardOutput(ends.written().number());
                StandardOutput other = new StandardOutput(ends.written().number())) {
            List<Thread> writers = List.of(writing(one, MUCH), writing(other, MUCH));
            // Each page makes both find room, which only one of them gets.
            for (int taken = 0; taken < 200_000; ) {
                taken += Math.max(0, ends.take(page, PAGE));
            }
            one.stop();
            other.stop();
            for (Thread writer : writers) {
                assertEnds(writer);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Endpoints.Kind.class)
    void shouldWriteAllToASlowReader(Endpoints.Kind kind) throws Exception {
        int length = 300_000;
        try (Endpoints ends = Endpoints.of(kind, dir);
                Mapping page = Mapping.anonymous(PAGE);
                StandardOutput output = new StandardOutput(ends.written().number())) {
            Thread writer = writing(output, length);
            int read = 0;
            while (read < length) {
                int taken = ends.take(page, PAGE);
                assertTrue(taken > 0 || taken == -Errno.EAGAIN, "read: " + taken);
                read += Math.max(0, taken);
            }
            assertEnds(writer);
            assertEquals(Optional.empty(), output.loss());
        }
    }

    @ParameterizedTest
    @EnumSource(Endpoints.Kind.class)
    void shouldLoseWhatAnImpatientWriteFindsNoRoomFor(Endpoints.Kind kind) throws Exception {
        try (Endpoints ends = Endpoints.of(kind, dir);
                StandardOutput output = StandardOutput.impatient(ends.written().number(), 1)) {
            assertEnds(writing(output, MUCH));
            assertTrue(output.lost() > 0);
            long before = output.lost();
            assertEnds(writing(output, PAGE));
            assertEquals(before + PAGE, output.lost());
        }
    }

    @Test
    void shouldLetAWriteGoOnForAsLongAsItIsGiven() throws Exception {
        try (Endpoints ends = Endpoints.of(Endpoints.Kind.PIPE, dir);
                Mapping page = Mapping.anonymous(PAGE);
                StandardOutput output = new StandardOutput(ends.written().number())) {
            output.stopIn(TimeUnit.MINUTES.toNanos(10));
            Thread writer = writing(output, 20 * PAGE);
            for (int read = 0; read < 20 * PAGE; ) {
                read += ends.take(page, PAGE);
            }
            assertEnds(writer);
            assertEquals(0, output.lost());
            output.stopIn(TimeUnit.MILLISECONDS.toNanos(200));
            output.stopIn(TimeUnit.MINUTES.toNanos(10));
            assertEnds(writing(output, MUCH));
            assertTrue(output.lost() > 0);
        }
    }

    @Test
    void shouldWriteByADeputyAndLeaveItBehind() throws Exception {
        try (Endpoints ends = Endpoints.of(Endpoints.Kind.PIPE, dir);
                Mapping room = Mapping.anonymous(MUCH);
                Poller poller = new Poller();
                NonBlockingOutput outlet = NonBlockingOutput.byDeputy(ends.written().number())) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 18).put(0, (byte) 'x');
            assertEquals(
                    BlockingWriter.ROOM, written(outlet, poller, bytes, 0, BlockingWriter.ROOM));
            assertEquals(PAGE, ends.take(room, PAGE));
            assertEquals('x', room.window(0, 1).get(0));
            // No room for all of it: nobody knows yet how much was written.
            assertEquals(-Errno.EAGAIN, outlet.write(bytes, 0, 0, BlockingWriter.ROOM));
            outlet.giveUp();
            assertEquals(-Errno.EAGAIN, outlet.write(bytes, 0, 0, 1));
            for (int read = PAGE; read < 2 * BlockingWriter.ROOM; ) {
                read += ends.take(room, MUCH);
            }
            assertEquals(1, written(outlet, poller, bytes, 0, 1));
        }
    }

    private static long written(
            NonBlockingOutput outlet, Poller poller, ByteBuffer bytes, int from, int length) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        long result = outlet.write(bytes, 0, from, length);
        while (NonBlockingOutput.mustWait(result) && System.nanoTime() < end) {
            outlet.await(poller, TimeUnit.MILLISECONDS.toNanos(10), false);
            result = outlet.write(bytes, 0, from, length);
        }
        return result;
    }
}
