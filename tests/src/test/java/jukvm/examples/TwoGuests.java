package jukvm.examples;

import java.nio.file.Path;
import jukvm.device.Console;
import jukvm.device.SwitchPort;
import jukvm.device.VirtualSwitch;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;
import jukvm.monitor.RunResult;
import jukvm.monitor.Tender;

/** Connects two guests by a virtual switch and lets one ping the other; needs no privilege. */
public final class TwoGuests {
    private TwoGuests() {}

    /** Runs the echo guest named by the first argument twice, side by side. */
    public static void main(String[] args) throws InterruptedException {
        GuestImage image = GuestImage.read(Path.of(args[0]));
        try (Monitor monitor = Monitor.open();
                VirtualSwitch network = VirtualSwitch.open();
                SwitchPort left = network.connect();
                SwitchPort right = network.connect()) {
            Tender answering =
                    Tender.builder(monitor, image).memory(16L << 20).net("service0", left).build();
            Tender asking =
                    Tender.builder(monitor, image)
                            .memory(16L << 20)
                            .arguments(
                                    "address=10.0.0.3", "ping=10.0.0.2", "count=100", "size=1000")
                            .net("service0", right)
                            .console(Console.to(System.out))
                            .build();
            Thread server = new Thread(() -> runToTheEnd(answering));
            server.start();
            RunResult result = asking.run();
            answering.cancel();
            server.join();
            System.out.println(result.outcome());
        }
    }

    private static void runToTheEnd(Tender tender) {
        try {
            tender.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
