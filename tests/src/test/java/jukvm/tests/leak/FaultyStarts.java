package jukvm.tests.leak;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import jukvm.device.Console;
import jukvm.device.FileDisk;
import jukvm.error.JukvmException;
import jukvm.guest.RunResult;
import jukvm.host.Sync;
import jukvm.image.GuestImage;
import jukvm.libc.Errno;
import jukvm.libc.FaultyLibc;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.OpenFiles;

/**
 * Starts a guest with a disk, again and again, and has one call of the binding fail each time: each
 * that a start makes, with each of some errnos. What comes of it is a result or an exception whose
 * line names the errno, unless the call could be done without; and nothing stays open.
 */
final class FaultyStarts {
    private static final int[] ERRNOS = {
        Errno.EINTR,
        Errno.EAGAIN,
        Errno.ENOMEM,
        Errno.EMFILE,
        Errno.EIO,
        28, // ENOSPC
        Errno.EFAULT,
        Errno.EPERM
    };
    // What is told in words of its own; gettid(2) cannot fail.
    private static final Map<String, String> WORDS =
            Map.of(
                    "ioctl 0xae80 EFAULT", "host/guest translation fault",
                    "syscall FCNTL 37 EAGAIN", "is in use by another process");
    private static final String NEVER = "syscall GETTID";
    private static final int WARM_UP = 5;

    // What a start does over and over fails at the first few.
    private static final int EACH = 6;
    private static final int DISK = 64 << 10;
    private static final long LEAK_KIB = 4L << 20; // Half of what one guest's memory reserves.

    private final GuestImage image = GuestImage.read(Guests.prebuilt("block.hvt"));
    private final Path disk = Files.createTempFile("jukvm", ".disk");
    private final List<String> bad = new ArrayList<>();
    private final Map<String, Integer> ends = new TreeMap<>();
    private int trials;

    private FaultyStarts() throws IOException {
        Files.write(disk, new byte[DISK]);
    }

    /** Prints what was bad, and in the last line how many trials there were. */
    public static void main(String[] args) throws Exception {
        FaultyStarts starts = new FaultyStarts();
        try {
            starts.run();
        } finally {
            Files.delete(starts.disk);
        }
        starts.bad.forEach(System.out::println);
        System.out.println(starts.trials + " trials of " + starts.ends);
    }

    private void run() throws Exception {
        for (int i = 0; i < WARM_UP; i++) {
            start(); // What is made once in a process stays.
        }
        FaultyLibc.count();
        String well = start();
        Map<String, Integer> made = new TreeMap<>(FaultyLibc.made());
        made.remove(NEVER);
        if (!well.isEmpty()) {
            throw new IllegalStateException(well);
        }
        for (Map.Entry<String, Integer> call : made.entrySet()) {
            for (int number = 1; number <= Math.min(call.getValue(), EACH); number++) {
                for (int errno : ERRNOS) {
                    attempt(call.getKey(), number, errno);
                }
            }
        }
        FaultyLibc.count();
        if (!start().isEmpty()) {
            bad.add("a start without a fault fails in the end");
        }
    }

    private void attempt(String call, int number, int errno) throws InterruptedException {
        String what = call + " #" + number + " " + Errno.describe(errno);
        OpenFiles open = OpenFiles.ofGuests();
        long size = virtualKib();
        FaultyLibc.fail(call, number, errno);
        String end;
        try {
            end = start();
        } catch (RuntimeException | Error | IOException e) {
            end = "";
            bad.add(what + ": threw " + e);
        }
        boolean hasFailed = FaultyLibc.hasFailed();
        trials++;
        ends.merge(
                !hasFailed ? "not made" : end.isEmpty() ? "done without" : "told", 1, Integer::sum);
        String name = Errno.describe(errno).split(" ", 2)[0];
        String words = WORDS.getOrDefault(call + " " + name, name);
        if (!end.isEmpty() && (end.indexOf('\n') >= 0 || !end.contains(words))) {
            bad.add(what + ": unclear: " + end);
        }
        try {
            open.assertNothingMore();
        } catch (AssertionError e) {
            bad.add(what + ": " + e.getMessage());
        }
        awaitThreads(what);
        if (virtualKib() - size > LEAK_KIB) {
            bad.add(what + ": its memory is still mapped");
        }
    }

    /**
     * Returns what a start has come to, in a line; empty if its guest ended well. What a disk fails
     * with the guest is told as it is in Solo5, and the operator in words.
     */
    private String start() throws IOException, InterruptedException {
        List<String> notices = new CopyOnWriteArrayList<>();
        try (Monitor monitor = Monitor.open(0);
                FileDisk storage = FileDisk.open(disk.toString(), 512, Sync.EXIT)) {
            RunResult result =
                    monitor.run(
                            GuestSpec.of(image)
                                    .console(Console.to(OutputStream.nullOutputStream()))
                                    .deadline(Duration.ofSeconds(60))
                                    .notices(notices::add)
                                    .block("storage", storage));
            boolean isWell = result.outcome().exitStatus().orElse(-1) == 0;
            return isWell ? "" : result.outcome().message() + " " + notices;
        } catch (JukvmException e) {
            return e.getMessage();
        }
    }

    private void awaitThreads(String what) throws InterruptedException {
        long start = System.nanoTime();
        while (hasGuestThread()) {
            if (System.nanoTime() - start > Command.PATIENCE.toNanos()) {
                bad.add(what + ": its thread has not ended");
                return;
            }
            LockSupport.parkNanos(1_000_000);
        }
    }

    private static boolean hasGuestThread() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().startsWith("jukvm-vcpu"));
    }

    private static long virtualKib() {
        try {
            for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
                if (line.startsWith("VmSize:")) {
                    return Long.parseLong(line.replaceAll("[^0-9]", ""));
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        throw new IllegalStateException("no VmSize");
    }
}
