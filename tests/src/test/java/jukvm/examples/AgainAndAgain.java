package jukvm.examples;

import java.nio.file.Path;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;
import jukvm.monitor.Outcome;
import jukvm.monitor.RunResult;
import jukvm.monitor.Tender;

/**
 * Runs one guest again and again in one JVM. The image is read once, and a guest that ended leaves
 * its VM, cleaned, to the next; the heap stays as small as it was.
 */
public final class AgainAndAgain {
    private AgainAndAgain() {}

    /** Runs the guest image named by the first argument as often as the second says. */
    public static void main(String[] args) throws InterruptedException {
        GuestImage image = GuestImage.read(Path.of(args[0]));
        int times = Integer.parseInt(args[1]);
        try (Monitor monitor = Monitor.open()) {
            for (int i = 0; i < times; i++) {
                RunResult result = Tender.builder(monitor, image).memory(16L << 20).build().run();
                if (!result.outcome().equals(new Outcome.Exited(0))) {
                    throw new IllegalStateException("guest " + i + ": " + result.outcome());
                }
            }
        }
        System.out.println("OK");
    }
}
