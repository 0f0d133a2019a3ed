package jukvm.tests.leak;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import jukvm.guest.Outcome;
import jukvm.guest.PrivilegeMode;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Patience;
import jukvm.tests.support.Run;

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
        print("before", run(guest(LONG)));
        Files.writeString(group.resolve("cgroup.procs"), "" + ProcessHandle.current().pid());
        allow("1"); // It has more than that already.
        print("without a thread", run(guest(LONG)));
        print("stopped", stopped());
        allow("max");
        print("after", run(guest(LONG)));
    }

    private static GuestSpec guest(Duration deadline) {
        return GuestSpec.of(GuestImage.read(Guests.prebuilt("hello.hvt")))
                .privilege(PrivilegeMode.RING_3)
                .deadline(deadline);
    }

    private Outcome run(GuestSpec guest) {
        return Run.run(monitor, guest).outcome();
    }

    // It hears of a stop while it waits for a thread, well before it gives up.
    private Outcome stopped() throws Exception {
        GuestRun run = monitor.start(guest(Duration.ofMillis(200)));
        return run.result().get(1, TimeUnit.MINUTES).outcome();
    }

    private void allow(String threads) throws Exception {
        Files.writeString(group.resolve("pids.max"), threads);
    }

    private static void print(String when, Outcome outcome) {
        System.out.println(when + ": " + outcome);
    }
}
