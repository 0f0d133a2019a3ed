package examples;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import jukvm.device.Console;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;

/** Stops a guest that would run for ever, as soon as it has said something. */
public final class Cancel {
    private Cancel() {}

    /** Runs the guest image named by the first argument. */
    public static void main(String[] args) throws InterruptedException {
        CompletableFuture<String> said = new CompletableFuture<>();
        GuestSpec guest =
                GuestSpec.of(GuestImage.read(Path.of(args[0])))
                        .memory(16L << 20)
                        .console(Console.lines(said::complete));
        try (Monitor monitor = Monitor.open();
                GuestRun run = monitor.start(guest)) {
            System.out.println(said.join());
            run.cancel();
            System.out.println(run.await().outcome().message());
        }
    }
}
