package jukvm.tests.support;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import jukvm.device.Console;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.RunQueue;

/**
 * One run of a guest through the library, and what it printed. No test hangs: every guest has a
 * deadline.
 */
public record Run(RunResult result, String console) {
    /** Longer than any guest here needs on a host that is busy with other things. */
    public static final Duration LONG = Patience.of(Duration.ofMinutes(1));

    /**
     * What ends later than this after it had to has outlived its deadline. It is no measure of how
     * soon a guest ends, which is for a benchmark on a quiet host.
     */
    public static final Duration LATE = Patience.of(Duration.ofSeconds(10));

    /** A thread for each guest: those of the common pool are fewer than guests that wait. */
    public static final Executor THREADS = task -> new Thread(task, "guest").start();

    public static final long MEMORY = 16L << 20;

    public static Run of(
            Monitor monitor, Path guest, PrivilegeMode privilege, String... arguments) {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        RunResult result =
                run(
                        monitor,
                        GuestSpec.of(GuestImage.read(guest))
                                .memory(MEMORY)
                                .privilege(privilege)
                                .deadline(LONG)
                                .arguments(arguments)
                                .console(Console.to(console)));
        return new Run(result, console.toString(StandardCharsets.UTF_8));
    }

    /** Returns the end of a guest that was stopped while it waited, behind one that spun. */
    public static RunResult neverBegun(Monitor monitor, GuestSpec guest)
            throws InterruptedException {
        CountDownLatch spins = new CountDownLatch(1);
        GuestSpec spin =
                GuestSpec.of(GuestImage.read(Guests.prebuilt("spin.hvt")))
                        .memory(4L << 20)
                        .deadline(LONG)
                        .console(bytes -> spins.countDown());
        RunQueue queue = monitor.queue(1);
        try (GuestRun first = queue.submit(spin);
                GuestRun waiting = queue.submit(guest)) {
            spins.await();
            waiting.cancel();
            RunResult ended = waiting.await();
            first.cancel();
            return ended;
        }
    }

    public static RunResult run(Monitor monitor, GuestSpec guest) {
        try {
            return monitor.run(guest);
        } catch (InterruptedException e) {
            throw new AssertionError("nobody interrupts this thread", e);
        }
    }
}
