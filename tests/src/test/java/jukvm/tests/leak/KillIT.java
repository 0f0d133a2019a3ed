package jukvm.tests.leak;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import jukvm.tests.support.Guests;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import jukvm.tests.support.Running;
import jukvm.tests.support.Stamps;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What a guest was told is written is in its image when the process is killed. {@code -Psoak} kills
 * more; {@code -Djukvm.seed} repeats a run's moments.
 */
@RequiresKvm
@Tag("soak")
final class KillIT {
    private static final String GUEST = Guests.prebuilt("block.hvt").toString();
    private static final int BLOCK_SIZE = 4096;
    private static final int BLOCKS = 256;
    private static final int AT_ONCE = 2;
    private static final int KILLS_EACH = Boolean.getBoolean("jukvm.soak") ? 50 : 10;
    private static final long MIN_MILLIS = 20;
    private static final long MAX_MILLIS = 200;

    private final AtomicInteger kills = new AtomicInteger();
    private final AtomicLong writes = new AtomicLong();

    @TempDir private Path folder;

    @Test
    void shouldKeepWhatWasAcknowledged() throws Exception {
        long seed = Long.getLong("jukvm.seed", System.nanoTime());
        List<CompletableFuture<Void>> killers = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            Random random = new Random(seed + i);
            Path image = folder.resolve("storage" + i + ".img");
            killers.add(CompletableFuture.runAsync(() -> killOften(image, random), Run.THREADS));
        }
        try {
            CompletableFuture.allOf(killers.toArray(CompletableFuture<?>[]::new))
                    .get(10, TimeUnit.MINUTES);
        } finally {
            System.out.printf(
                    "KillIT: -Djukvm.seed=%d, %d kills, %d writes acknowledged%n",
                    seed, kills.get(), writes.get());
        }
        assertEquals(AT_ONCE * KILLS_EACH, kills.get());
    }

    private void killOften(Path image, Random random) {
        try {
            for (int i = 0; i < KILLS_EACH; i++) {
                kill(image, MIN_MILLIS + random.nextInt((int) (MAX_MILLIS - MIN_MILLIS)));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void kill(Path image, long millis) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength((long) BLOCKS * BLOCK_SIZE);
        }
        Acknowledged acknowledged = new Acknowledged();
        try (Running guest =
                Running.start(
                        "run",
                        "--ring=3",
                        "--mem=16",
                        "--deadline=120s",
                        "--block:storage=" + image,
                        "--block-sector-size:storage=" + BLOCK_SIZE,
                        GUEST,
                        "stamp")) {
            guest.awaitLine("ack 0 0");
            long killAt = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
            // What it had printed when it was killed is still in the pipe, and counts.
            guest.forEachLine(
                    line -> {
                        acknowledged.read(line);
                        if (System.nanoTime() - killAt >= 0) {
                            guest.kill();
                        }
                    });
        }
        assertTrue(acknowledged.count > 1, "killed before it wrote");
        Stamps.of(image, BLOCK_SIZE).requireAll(acknowledged.count);
        kills.incrementAndGet();
        writes.addAndGet(acknowledged.count);
        Files.delete(image);
    }

    /** How many writes the guest has told of, which are numbered without gaps. */
    private static final class Acknowledged {
        private long count = 1;

        void read(String line) {
            if (!line.equals("ack " + count + " " + count % BLOCKS)) {
                throw new AssertionError("'" + line + "' after " + count + " writes");
            }
            count++;
        }
    }
}
