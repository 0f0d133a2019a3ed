package jukvm.examples;

import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import jukvm.device.Console;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;
import jukvm.monitor.RunResult;
import jukvm.monitor.Tender;

/** Stops a guest that would run for ever, as soon as it has said something. */
public final class Cancel {
    private Cancel() {}

    /** Runs the guest image named by the first argument. */
    public static void main(String[] args) {
        CompletableFuture<String> said = new CompletableFuture<>();
        try (Monitor monitor = Monitor.open();
                Tender tender =
                        Tender.builder(monitor, GuestImage.read(Path.of(args[0])))
                                .memory(16L << 20)
                                .console(Console.lines(said::complete))
                                .build()) {
            CompletableFuture<RunResult> end = tender.start();
            System.out.println(said.join());
            tender.cancel();
            System.out.println(end.join().outcome());
        }
    }
}
