package jukvm.tests.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jukvm.device.Console;
import jukvm.guest.Outcome;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.RunQueue;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A snapshot that is not handed over leaves nothing, and one that is refused changes nothing. */
@RequiresKvm
final class LostSnapshotIT {
    private final Monitor monitor = Monitor.open(0); // Which makes no template by itself.

    @AfterEach
    void close() {
        monitor.close();
    }

    private GuestSpec guest(String name) {
        return GuestSpec.of(GuestImage.read(Guests.prebuilt(name)))
                .memory(16L << 20)
                .deadline(Run.LONG);
    }

    /** Keeps the end of a guest from coming until it is told to let it. */
    private static final class HeldEnd implements Console {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        @Override
        public void write(ByteBuffer bytes) {}

        @Override
        public void end() {
            reached.countDown();
            try {
                assertTrue(released.await(Run.LONG.toSeconds(), TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** Returns the inodes of the templates that this process has open. */
    private static Set<Object> templates() throws IOException {
        Set<Object> inodes = new HashSet<>();
        try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
            for (Path file : files.toList()) {
                try {
                    if (Files.readSymbolicLink(file).toString().contains("jukvm-template")) {
                        inodes.add(Files.getAttribute(file, "unix:ino"));
                    }
                } catch (NoSuchFileException e) {
                    // It was closed meanwhile.
                }
            }
        }
        return inodes;
    }

    @Test
    void shouldLeaveNoSnapshotToOneWhoIsInterrupted() throws Exception {
        Set<Object> before = templates();
        HeldEnd console = new HeldEnd();
        GuestSpec guest = guest("hello.hvt").console(console);
        CompletableFuture<Throwable> thrown = new CompletableFuture<>();
        Thread taker =
                new Thread(
                        () ->
                                thrown.complete(
                                        assertThrows(
                                                InterruptedException.class,
                                                () ->
                                                        monitor.snapshot(
                                                                guest,
                                                                SnapshotPoint.afterHypercalls(
                                                                        0)))));
        taker.start();
        assertTrue(console.reached.await(Run.LONG.toSeconds(), TimeUnit.SECONDS));
        taker.interrupt(); // The snapshot has been taken, and is not handed over yet.
        while (taker.isInterrupted()) {
            Thread.onSpinWait();
        }
        console.released.countDown();
        assertInstanceOf(
                InterruptedException.class, thrown.get(Run.LONG.toSeconds(), TimeUnit.SECONDS));
        Set<Object> left = templates();
        left.removeAll(before);
        assertEquals(Set.of(), left);
    }

    @Test
    void shouldLeaveNoSnapshotWhenTheConsoleThrows() throws Exception {
        Set<Object> before = templates();
        Console console =
                new Console() {
                    @Override
                    public void write(ByteBuffer bytes) {}

                    @Override
                    public void end() {
                        throw new ArithmeticException("the embedder's own");
                    }
                };
        GuestSpec guest = guest("hello.hvt").console(console);
        assertThrows(
                ArithmeticException.class,
                () -> monitor.snapshot(guest, SnapshotPoint.afterHypercalls(0)));
        Set<Object> left = templates();
        left.removeAll(before);
        assertEquals(Set.of(), left);
    }

    // One that waits for its turn is not to be stopped at a point that is another's.
    @Test
    void shouldLeaveAGuestOfTheSameDescriptionAlone() throws Exception {
        RunQueue queue = monitor.queue(1);
        GuestRun first = queue.submit(guest("spin.hvt"));
        GuestSpec guest = guest("hello.hvt");
        GuestRun waiting = queue.submit(guest);
        monitor.snapshot(guest, SnapshotPoint.afterHypercalls(0)).close();
        assertFalse(waiting.result().isDone());
        first.cancel();
        RunResult ended = waiting.result().get(Run.LONG.toSeconds(), TimeUnit.SECONDS);
        assertEquals(new Outcome.Exited(0), ended.outcome());
    }
}
