package jukvm.examples;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Stream;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;
import jukvm.monitor.Outcome;
import jukvm.monitor.RunQueue;
import jukvm.monitor.RunResult;
import jukvm.monitor.Tender;

/**
 * Runs a thousand guests, each in a VM of its own: first all at once, which suits guests that wait
 * for something, then as many at once as there are processors, which suits guests that compute.
 */
public final class ThousandGuests {
    private static final int COUNT = 1000;

    private ThousandGuests() {}

    /** Runs the guest image named by the first argument. */
    public static void main(String[] args) {
        GuestImage image = GuestImage.read(Path.of(args[0]));
        try (Monitor monitor = Monitor.open()) {
            System.out.println(run(monitor, image, Tender::start) + " ended well side by side");
            RunQueue queue = RunQueue.perProcessor();
            System.out.println(run(monitor, image, queue::submit) + " ended well by turns");
        }
    }

    private static long run(
            Monitor monitor,
            GuestImage image,
            Function<Tender, CompletableFuture<RunResult>> start) {
        return Stream.generate(() -> Tender.builder(monitor, image).memory(4L << 20).build())
                .limit(COUNT)
                .map(start)
                .toList() // All are started before the first is waited for.
                .stream()
                .map(CompletableFuture::join)
                .filter(result -> result.outcome().equals(new Outcome.Exited(0)))
                .count();
    }
}
