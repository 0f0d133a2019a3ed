package jukvm.tests.leak;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.ExecutionException;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Patience;

/**
 * Runs guests in a control group that allows no further thread, as {@code main} of a JVM of its
 * own: KVM, which makes a thread for each VM, cannot run them.
 */
final class NoThreadLeft {
    private static final Duration LONG = Patience.of(Duration.ofMinutes(1));

    private final Path group;
    private final Monitor monitor;

    private NoThreadLeft(Path group, Monitor monitor) {
        this.group = group;
        this.monitor = monitor;
    }

    /** The argument is the folder of a control group of pids. */
    public static void main(String[] args) throws Exception {
        // It keeps threads, but no VM and so none of KVM's threads.
        try (Monitor monitor = Monitor.open(0)) {
            new NoThreadLeft(Path.of(args[0]), monitor).run();
        }
    }

    private void run() throws Exception {
        print("before", LONG);
        Files.writeString(group.resolve("cgroup.procs"), "" + ProcessHandle.current().pid());
        allow("1"); // It has more than that already.
        print("without a thread", LONG);
        // It hears of a stop while it waits for KVM's thread, well before it gives up.
        print("stopped", Duration.ofMillis(200));
        allow("max");
        print("after", LONG);
    }

    private static GuestSpec guest(Duration deadline) {
        return GuestSpec.of(GuestImage.read(Guests.prebuilt("hello.hvt")))
                .privilege(PrivilegeMode.RING_3)
                .deadline(deadline);
    }

    private void print(String when, Duration deadline) throws Exception {
        System.out.println(when + ": " + outcome(guest(deadline)));
    }

    // A guest's result is handed over before its thread is free again, and a new one is refused.
    private Outcome outcome(GuestSpec guest) throws Exception {
        long patience = System.nanoTime() + LONG.toNanos();
        while (true) {
            try {
                return monitor.start(guest).result().get(LONG.toNanos(), NANOSECONDS).outcome();
            } catch (ExecutionException e) {
                boolean isThreadBusy = e.getCause() instanceof OutOfMemoryError;
                if (!isThreadBusy || System.nanoTime() > patience) {
                    throw e;
                }
            }
        }
    }

    private void allow(String threads) throws Exception {
        Files.writeString(group.resolve("pids.max"), threads);
    }
}
