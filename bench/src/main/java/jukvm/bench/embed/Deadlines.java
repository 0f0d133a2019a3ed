package jukvm.bench.embed;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import jukvm.bench.BenchFiles;
import jukvm.bench.Failures;
import jukvm.bench.load.Samples;
import jukvm.bench.result.Times;
import jukvm.error.JukvmException;
import jukvm.guest.OutcomeKind;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import org.jspecify.annotations.Nullable;

/**
 * How long guests that compute for ever outlive their deadlines, with many of them at once: each is
 * followed by another, so that there are always as many. Optionally while garbage is collected.
 */
final class Deadlines {
    /** Guests at once. */
    static final int GUESTS = 64;

    private static final double NANOS = 1e9;
    private static final long MEMORY = 4L << 20;
    // Deadlines are from a fortieth to a tenth of the time that is measured.
    private static final int SHORTEST = 40;
    private static final int LONGEST = 10;
    private static final int GARBAGE = 16 << 20;
    private static final int PAUSE_MILLIS = 20;

    private final Monitor monitor;
    private final GuestImage spin;
    private final Failures failures;
    private final Samples times = new Samples();
    private final Random random = new Random(1);
    private final long span;
    private final long until;

    /**
     * What came of it.
     *
     * @param collecting whether garbage was collected all the time
     * @param times from each deadline to the result
     */
    record Figures(boolean collecting, Times times) {}

    private Deadlines(Monitor monitor, GuestImage spin, double seconds, Failures failures) {
        this.monitor = monitor;
        this.spin = spin;
        this.failures = failures;
        this.span = (long) (seconds * NANOS);
        this.until = System.nanoTime() + span;
    }

    /** Measures for so many seconds, and until the last guest has ended. */
    static Figures run(BenchFiles files, double seconds, boolean collecting, Failures failures)
            throws InterruptedException {
        GuestImage spin = GuestImage.read(files.spin());
        try (Monitor monitor = Monitor.open()) {
            Times times = new Deadlines(monitor, spin, seconds, failures).run(collecting);
            return new Figures(collecting, times);
        }
    }

    private Times run(boolean collecting) throws InterruptedException {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < GUESTS; i++) {
            all.add(new CompletableFuture<>());
            next(all.get(i));
        }
        while (collecting && System.nanoTime() < until) {
            byte[] garbage = new byte[GARBAGE];
            garbage[garbage.length - 1] = 1;
            System.gc();
            Thread.sleep(PAUSE_MILLIS);
        }
        all.forEach(CompletableFuture::join);
        synchronized (times) {
            return times.times();
        }
    }

    private void next(CompletableFuture<Void> over) {
        long deadline = random(span / SHORTEST, span / LONGEST);
        long requested = System.nanoTime();
        var unused =
                monitor.start(
                                GuestSpec.of(spin)
                                        .memory(MEMORY)
                                        .requestedAt(requested)
                                        .deadline(Duration.ofNanos(deadline)))
                        .result()
                        .whenComplete(
                                (result, thrown) -> {
                                    note(result, System.nanoTime() - requested - deadline);
                                    follow(over);
                                });
    }

    private void follow(CompletableFuture<Void> over) {
        if (System.nanoTime() >= until) {
            over.complete(null);
            return;
        }
        try {
            next(over);
        } catch (JukvmException e) {
            over.completeExceptionally(e);
        }
    }

    private long random(long from, long to) {
        synchronized (random) {
            return from + (long) (random.nextDouble() * (to - from));
        }
    }

    private void note(@Nullable RunResult result, long late) {
        if (result == null || result.outcome().kind() != OutcomeKind.DEADLINE) {
            failures.add("did not end by its deadline");
        } else if (late < 0) {
            failures.add("ended before its deadline");
        }
        synchronized (times) {
            times.add(late);
        }
    }
}
