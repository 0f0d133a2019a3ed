package jukvm.examples;

import java.nio.file.Path;
import java.time.Duration;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;
import jukvm.monitor.Outcome;
import jukvm.monitor.Tender;

/** Gives guests limits, and tells every way in which a guest can end from the others. */
public final class Deadline {
    private Deadline() {}

    /**
     * Runs a guest that ends, named by the first argument, and one that never would, named by the
     * second.
     */
    public static void main(String[] args) throws InterruptedException {
        GuestImage hello = GuestImage.read(Path.of(args[0]));
        GuestImage spin = GuestImage.read(Path.of(args[1]));
        try (Monitor monitor = Monitor.open()) {
            print(guest(monitor, hello));
            print(guest(monitor, hello).consoleBytes(5));
            print(guest(monitor, spin).deadline(Duration.ofMillis(100)));
            print(guest(monitor, spin).cpuTime(Duration.ofMillis(50)));
        }
    }

    // Whatever is not limited here has no limit: memory alone has one by itself.
    private static Tender.Builder guest(Monitor monitor, GuestImage image) {
        return Tender.builder(monitor, image)
                .memory(16L << 20)
                .deadline(Duration.ofMinutes(1))
                .hypercallsPerSecond(100_000);
    }

    private static void print(Tender.Builder guest) throws InterruptedException {
        System.out.println(words(guest.build().run().outcome()));
    }

    // From JDK 21 on, a switch: Outcome is sealed, and the compiler finds a case that is missing.
    private static String words(Outcome outcome) {
        if (outcome instanceof Outcome.Exited exited) {
            return "ended by itself with status " + exited.status();
        } else if (outcome instanceof Outcome.Aborted) {
            return "gave up";
        } else if (outcome instanceof Outcome.Faulted faulted) {
            return "did what no guest may do: " + faulted.message();
        } else if (outcome instanceof Outcome.DeadlineExpired late) {
            return "still ran after " + late.deadline().toMillis() + " ms";
        } else if (outcome instanceof Outcome.LimitExceeded over) {
            return "used up its " + over.allowed() + " " + over.limit().unit();
        } else if (outcome instanceof Outcome.Cancelled) {
            return "was stopped";
        } else if (outcome instanceof Outcome.HostError error) {
            return "was failed by the host: " + error.message();
        }
        throw new AssertionError(outcome);
    }
}
