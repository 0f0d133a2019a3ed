package jukvm.examples;

import java.nio.file.Path;
import jukvm.device.Console;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;
import jukvm.monitor.RunResult;
import jukvm.monitor.Tender;

/** Runs one guest and prints how it ended. */
public final class Hello {
    private Hello() {}

    /** Runs the guest image named by the first argument. */
    public static void main(String[] args) throws InterruptedException {
        try (Monitor monitor = Monitor.open()) {
            GuestImage image = GuestImage.read(Path.of(args[0]));
            RunResult result =
                    Tender.builder(monitor, image)
                            .memory(16L << 20)
                            .arguments("Hello")
                            .console(Console.to(System.out))
                            .build()
                            .run();
            System.out.println(result.outcome());
        }
    }
}
