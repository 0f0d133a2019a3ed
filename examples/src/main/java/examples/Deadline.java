package examples;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.guest.Outcome;

/** Gives guests limits, and says which they reached. What is not limited has no limit. */
public final class Deadline {
    private Deadline() {}

    /** Runs a guest that ends, the first argument, and one that never would, the second. */
    public static void main(String[] args) throws InterruptedException {
        GuestSpec hello = GuestSpec.of(GuestImage.read(Path.of(args[0]))).memory(16L << 20);
        GuestSpec spin = GuestSpec.of(GuestImage.read(Path.of(args[1]))).memory(16L << 20);
        List<GuestSpec> guests =
                List.of(
                        hello.deadline(Duration.ofMinutes(1)).hypercallsPerSecond(100_000),
                        hello.consoleBytes(5),
                        spin.deadline(Duration.ofMillis(100)),
                        spin.cpuTime(Duration.ofMillis(50)));
        try (Monitor monitor = Monitor.open()) {
            for (GuestSpec guest : guests) {
                Outcome outcome = monitor.run(guest).outcome();
                System.out.println(outcome.kind() + ": " + outcome.message());
            }
        }
    }
}
