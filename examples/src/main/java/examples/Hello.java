package examples;

import java.nio.file.Path;
import jukvm.device.Console;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.guest.RunResult;

/** Runs one guest and prints how it ended. */
public final class Hello {
    private Hello() {}

    /** Runs the guest image named by the first argument. */
    public static void main(String[] args) throws InterruptedException {
        GuestSpec guest =
                GuestSpec.of(GuestImage.read(Path.of(args[0])))
                        .memory(16L << 20)
                        .arguments("Hello")
                        .console(Console.to(System.out));
        try (Monitor monitor = Monitor.open()) {
            RunResult result = monitor.run(guest);
            System.out.println(result.outcome().message());
        }
    }
}
