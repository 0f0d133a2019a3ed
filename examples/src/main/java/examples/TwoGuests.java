package examples;

import java.nio.file.Path;
import jukvm.device.Console;
import jukvm.device.VirtualSwitch;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;

/** Connects two guests by a virtual switch and lets one ping the other; needs no privilege. */
public final class TwoGuests {
    private TwoGuests() {}

    /** Runs the echo guest named by the first argument twice, side by side. */
    public static void main(String[] args) throws InterruptedException {
        GuestSpec echo = GuestSpec.of(GuestImage.read(Path.of(args[0]))).memory(16L << 20);
        try (Monitor monitor = Monitor.open();
                VirtualSwitch network = VirtualSwitch.open();
                GuestRun answering = monitor.start(echo.net("service0", network.connect()))) {
            GuestSpec asking =
                    echo.net("service0", network.connect())
                            .arguments("address=10.0.0.3", "ping=10.0.0.2", "count=100")
                            .console(Console.to(System.out));
            System.out.println(monitor.run(asking).outcome().message());
            answering.cancel();
        }
    }
}
