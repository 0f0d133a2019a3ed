package jukvm.examples;

import java.nio.file.Path;
import jukvm.device.Console;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;

/** Runs one guest and prints how it ended. */
public final class Hello {
    private Hello() {}

    /** Runs the guest image named by the first argument. */
    public static void main(String[] args) throws InterruptedException {
        try (Monitor monitor = Monitor.open()) {
            GuestImage image = GuestImage.read(Path.of(args[0]));
            GuestSpec guest =
                    GuestSpec.of(image)
                            .memory(16L << 20)
                            .arguments("Hello")
                            .console(Console.to(System.out));
            System.out.println(monitor.run(guest).outcome());
        }
    }
}
