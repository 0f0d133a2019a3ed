package examples;

import java.nio.file.Path;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.guest.Outcome;

/**
 * Runs one guest again and again in one JVM. The image is read once, and a guest that ended leaves
 * its VM, cleaned, to the next; the heap stays as small as it was.
 */
public final class AgainAndAgain {
    private AgainAndAgain() {}

    /** Runs the guest image named by the first argument as often as the second says. */
    public static void main(String[] args) throws InterruptedException {
        GuestSpec guest = GuestSpec.of(GuestImage.read(Path.of(args[0]))).memory(16L << 20);
        try (Monitor monitor = Monitor.open()) {
            for (int i = 0; i < Integer.parseInt(args[1]); i++) {
                Outcome outcome = monitor.run(guest).outcome();
                if (!outcome.isSuccess()) {
                    throw new IllegalStateException(outcome.message());
                }
            }
        }
        System.out.println("OK");
    }
}
