package examples;

import java.nio.file.Path;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Isolation;
import jukvm.monitor.Monitor;

/** Runs a guest of a tenant in a process of the tenant's own. */
public final class Tenants {
    private Tenants() {}

    /** Runs the image named by the first argument. */
    public static void main(String[] args) throws InterruptedException {
        try (Monitor monitor = Monitor.open(Isolation.PROCESS.workers(8).warm(2))) {
            GuestSpec guest = GuestSpec.of(GuestImage.read(Path.of(args[0]))).tenant("acme");
            System.out.println(monitor.run(guest).outcome().message());
        }
    }
}
