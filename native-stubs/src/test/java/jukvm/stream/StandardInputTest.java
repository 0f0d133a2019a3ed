package jukvm.stream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import jukvm.error.HostException;
import jukvm.io.Requester;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.testing.Waiting;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StandardInputTest {
    private static final long LONG = Duration.ofSeconds(50).toNanos();

    @TempDir private Path dir = Path.of("");

    private static Fd open(Path path, int flags) {
        return Fd.of(Requester.self().open(path.toString(), flags, 0), path.toString(), "open");
    }

    private Path fifo() throws Exception {
        Path fifo = dir.resolve("fifo");
        assertEquals(0, new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor());
        return fifo;
    }

    private static byte[] noise(int size) {
        byte[] bytes = new byte[size];
        new Random(1).nextBytes(bytes);
        return bytes;
    }

    private static byte[] all(StandardInput input) {
        byte[] bytes = new byte[4 << 20];
        int size = 0;
        int read = input.read(bytes, 0, LONG);
        while (read > 0) {
            size += read;
            read = input.read(bytes, size, LONG);
        }
        assertEquals(0, read);
        return Arrays.copyOf(bytes, size);
    }

    @Test
    void shouldReadAFileFromWhereItStandsAndLeaveItOpen() throws Exception {
        Path path = Files.write(dir.resolve("file"), noise(3_000_000));
        try (Fd fd = open(path, Libc.O_RDONLY)) {
            byte[] start = new byte[100];
            try (StandardInput input = new StandardInput(fd.number())) {
                assertEquals(100, input.read(start, 0, LONG));
            }
            assertArrayEquals(noise(100), start);
            try (StandardInput input = new StandardInput(fd.number())) {
                byte[] rest = Arrays.copyOfRange(noise(3_000_000), 100, 3_000_000);
                assertArrayEquals(rest, all(input));
            }
        }
    }

    @Test
    void shouldReadAPipeToItsEnd() throws Exception {
        Path fifo = fifo();
        byte[] bytes = noise(1_000_000);
        CompletableFuture<Void> writer =
                CompletableFuture.runAsync(
                        () -> {
                            try (OutputStream out = Files.newOutputStream(fifo)) {
                                out.write(bytes);
                            } catch (java.io.IOException e) {
                                throw new java.io.UncheckedIOException(e);
                            }
                        });
        try (Fd fd = open(fifo, Libc.O_RDONLY);
                StandardInput input = new StandardInput(fd.number())) {
            assertArrayEquals(bytes, all(input));
        }
        writer.join();
    }

    @Test
    void shouldStopWaitingForAPipeThatNobodyWrites() throws Exception {
        try (Fd fd = open(fifo(), Libc.O_RDWR);
                StandardInput input = new StandardInput(fd.number())) {
            CompletableFuture<Integer> waiting =
                    CompletableFuture.supplyAsync(() -> input.read(new byte[10], 0, LONG));
            input.stop();
            assertEquals(-1, waiting.join());
            assertEquals(-1, input.read(new byte[10], 0, LONG));
        }
    }

    @Test
    void shouldWaitNoLongerThanItIsTold() throws Exception {
        try (Fd fd = open(fifo(), Libc.O_RDWR);
                StandardInput input = new StandardInput(fd.number())) {
            long before = System.nanoTime();
            assertEquals(-1, input.read(new byte[10], 0, 50_000_000));
            assertTrue(System.nanoTime() - before >= 50_000_000);
            assertEquals(-1, input.read(new byte[10], 0, -1));
        }
    }

    @Test
    void shouldSayWhatCannotBeRead() {
        try (Fd fd = open(dir, Libc.O_RDONLY);
                StandardInput input = new StandardInput(fd.number())) {
            HostException e =
                    assertThrows(HostException.class, () -> input.read(new byte[10], 0, LONG));
            assertTrue(e.getMessage().contains("standard input: read: EISDIR"), e.getMessage());
        }
        assertThrows(IllegalArgumentException.class, () -> new StandardInput(-1));
    }

    @Test
    void shouldNeverWaitForWhatAnotherReaderHasTaken() throws Exception {
        Path fifo = fifo();
        AtomicBoolean over = new AtomicBoolean();
        try (Fd both = open(fifo, Libc.O_RDWR);
                Fd taker = open(fifo, Libc.O_RDONLY | Libc.O_NONBLOCK);
                OutputStream out = Files.newOutputStream(fifo)) {
            Waiting taking = new Waiting(() -> take(taker, over));
            for (int round = 0; round < 500; round++) {
                try (StandardInput input = new StandardInput(both.number())) {
                    Waiting reading = new Waiting(() -> readOn(input));
                    for (int i = 0; i < 20; i++) {
                        out.write(1);
                        LockSupport.parkNanos(1);
                    }
                    input.stop();
                    reading.assertReturns();
                }
            }
            over.set(true);
            taking.assertReturns();
        }
    }

    private static void take(Fd fd, AtomicBoolean over) {
        try (Mapping room = Mapping.anonymous(1)) {
            while (!over.get()) {
                Libc.get().read(fd.number(), room.address(), 1);
            }
        }
    }

    private static void readOn(StandardInput input) {
        byte[] room = new byte[1];
        int read;
        do {
            read = input.read(room, 0, LONG);
        } while (read > 0);
    }
}
