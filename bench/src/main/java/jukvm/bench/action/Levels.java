package jukvm.bench.action;

import java.util.List;
import jukvm.bench.BenchFiles;
import jukvm.device.Console;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;

/** The levels, and the monitors their guests run on. */
public final class Levels implements AutoCloseable {
    /** Guest memory of every measurement, in MiB. */
    public static final int MEMORY_MIB = 16;

    /** The ring of every measurement: guests run natively there on every host. */
    public static final int RING = 3;

    /** What the guest hello is given. */
    public static final String ARGUMENT = "bench";

    /** What the guest hello prints then. */
    public static final String GREETING =
            "Hello from a jukvm guest (hvt 2)\ncommand line: " + ARGUMENT + "\n";

    // Beyond the guests in flight and those being cleaned: nothing is to be given up for want of
    // it.
    private static final long KEEP = 4L << 30;

    private final BenchFiles files;
    private final Monitor fresh;
    private final Monitor keeping;
    private final GuestImage greeter;
    private final Snapshot snapshot;

    /**
     * Opens KVM.
     *
     * @throws jukvm.error.HostException if the host cannot run guests
     */
    public Levels(BenchFiles files) {
        this.files = files;
        this.fresh = Monitor.open(0);
        this.keeping = Monitor.open(KEEP);
        this.greeter = GuestImage.read(files.hello());
        this.snapshot = take(keeping, greeter);
    }

    /**
     * Returns all levels that are compared, from the one that does most anew. Tables and reports
     * take what is here.
     */
    public List<Level> all() {
        return List.of(cold(), coldFreed(), shell(), snapshot());
    }

    /**
     * Returns the level cold: a new VM for every guest, its image read anew; from the request to
     * the guest's end. Between two runs everything is freed, as the floor does it.
     */
    public Level cold() {
        return new Level(
                "cold",
                Level.Mode.COLD,
                Level.Span.TO_EXIT,
                RunResult.Start.COLD,
                GREETING,
                console -> run(fresh, GuestImage.read(files.hello()), ARGUMENT, console));
    }

    /** Runs an image that the caller has, in a new VM; in the end everything is freed. */
    public RunResult runCold(GuestImage image, Console console) throws InterruptedException {
        return run(fresh, image, ARGUMENT, console);
    }

    /** Returns the level cold, from the request to everything freed and the result. */
    public Level coldFreed() {
        return new Level(
                "cold_freed",
                Level.Mode.COLD,
                Level.Span.TO_FREED,
                RunResult.Start.COLD,
                GREETING,
                console -> run(fresh, GuestImage.read(files.hello()), ARGUMENT, console));
    }

    /** Returns the level shell: a kept VM, which is cleaned after the result. */
    public Level shell() {
        GuestImage image = GuestImage.read(files.hello());
        return new Level(
                "shell",
                Level.Mode.SHELL,
                Level.Span.TO_RESULT,
                RunResult.Start.POOLED,
                GREETING,
                console -> run(keeping, image, ARGUMENT, console));
    }

    /**
     * Returns the level snapshot: a kept VM whose guest goes on where another was about to make its
     * first hypercall, all of its output still before it. The floor it is set against has no
     * snapshots; its shells are the nearest.
     */
    public Level snapshot() {
        return new Level(
                "snapshot",
                Level.Mode.SHELL,
                Level.Span.TO_RESULT,
                RunResult.Start.SNAPSHOT,
                GREETING,
                console -> keeping.run(GuestSpec.of(snapshot).console(console)));
    }

    private static Snapshot take(Monitor monitor, GuestImage image) {
        try {
            return monitor.snapshot(guest(image, ARGUMENT), SnapshotPoint.afterHypercalls(0));
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the start of the benchmark", e);
        }
    }

    /**
     * Returns the level exit: a kept VM whose guest does nothing but leave it so often and come
     * back.
     */
    public Level exits(int calls) {
        GuestImage image = GuestImage.read(files.exits());
        return new Level(
                "exit",
                Level.Mode.SHELL,
                Level.Span.TO_RESULT,
                RunResult.Start.POOLED,
                "SUCCESS\n",
                console -> run(keeping, image, exitsArgument(calls), console));
    }

    /** Returns what the guest exits is given to leave its VM so often. */
    public static String exitsArgument(int calls) {
        return "calls=" + calls;
    }

    /** Returns a guest of the level shell, for {@link #keeping}. */
    public GuestSpec hello(Console console) {
        return guest(greeter, ARGUMENT).console(console);
    }

    private static RunResult run(
            Monitor monitor, GuestImage image, String argument, Console console)
            throws InterruptedException {
        return monitor.run(guest(image, argument).console(console));
    }

    private static GuestSpec guest(GuestImage image, String argument) {
        return GuestSpec.of(image)
                .memory((long) MEMORY_MIB << 20)
                .privilege(PrivilegeMode.RING_3)
                .arguments(argument);
    }

    /** Returns the monitor that keeps VMs, as the level shell has it. */
    public Monitor keeping() {
        return keeping;
    }

    @Override
    public void close() {
        snapshot.close();
        fresh.close();
        keeping.close();
    }
}
