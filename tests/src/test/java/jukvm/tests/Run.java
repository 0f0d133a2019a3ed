package jukvm.tests;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executor;
import jukvm.device.Console;
import jukvm.image.GuestImage;
import jukvm.monitor.Monitor;
import jukvm.monitor.Ring;
import jukvm.monitor.RunResult;
import jukvm.monitor.Tender;

/**
 * One run of a guest through the library, and what it printed. No test hangs: every guest has a
 * deadline.
 */
record Run(RunResult result, String console) {
    /** Longer than any guest here needs on a host that is busy with other things. */
    static final Duration LONG = Duration.ofMinutes(1);

    /**
     * What ends later than this after it had to has outlived its deadline. It is no measure of how
     * soon a guest ends, which is for a benchmark on a quiet host.
     */
    static final Duration LATE = Duration.ofSeconds(10);

    /** A thread for each guest: those of the common pool are fewer than guests that wait. */
    static final Executor THREADS = task -> new Thread(task, "guest").start();

    static final long MEMORY = 16L << 20;

    static Run of(Monitor monitor, Path guest, Ring ring, String... arguments) {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        RunResult result =
                run(
                        Tender.builder(monitor, GuestImage.read(guest))
                                .memory(MEMORY)
                                .ring(ring)
                                .deadline(LONG)
                                .arguments(arguments)
                                .console(Console.to(console))
                                .build());
        return new Run(result, console.toString(StandardCharsets.UTF_8));
    }

    static RunResult run(Tender tender) {
        try {
            return tender.run();
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
        }
    }
}
