package examples;

import java.nio.file.Path;
import java.util.function.Supplier;
import java.util.stream.Stream;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.RunQueue;

/** Runs a thousand guests, each in a VM of its own. */
public final class ThousandGuests {
    private ThousandGuests() {}

    /** Runs the guest image named by the first argument. */
    public static void main(String[] args) {
        GuestSpec guest = GuestSpec.of(GuestImage.read(Path.of(args[0]))).memory(4L << 20);
        try (Monitor monitor = Monitor.open()) {
            // At once suits guests that wait for something, in a queue those that compute.
            System.out.println(run(() -> monitor.start(guest)) + " ended well side by side");
            RunQueue queue = monitor.queue();
            System.out.println(run(() -> queue.submit(guest)) + " ended well by turns");
        }
    }

    private static long run(Supplier<GuestRun> start) {
        // All are started before the first is waited for.
        return Stream.generate(start).limit(1000).toList().stream()
                .filter(run -> run.result().join().outcome().isSuccess())
                .count();
    }
}
