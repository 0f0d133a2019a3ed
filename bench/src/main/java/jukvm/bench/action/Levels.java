package jukvm.bench.action;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import jukvm.bench.BenchFiles;
import jukvm.device.Console;
import jukvm.error.HostException;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.RunResult;
import jukvm.guest.RunResult.Start;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Isolation;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;
import org.jspecify.annotations.Nullable;

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

    /** What the guest that waits is given. */
    static final String FOREVER = "forever";

    /** What the guest that waits prints before. */
    static final String IDLE_GREETING = "poll (hvt 2)\n";

    // Beyond the guests in flight and those being cleaned: nothing is to be given up for want of
    // it.
    private static final long KEEP = 4L << 30;
    private static final String TENANT = "bench";
    private static final long GREETING_SECONDS = 30;

    private final BenchFiles files;
    private final Monitor fresh;
    private final Monitor keeping;
    private final GuestImage greeter;
    private final Snapshot snapshot;
    private @Nullable Monitor workers;

    /**
     * Opens KVM.
     *
     * @throws HostException if the host cannot run guests
     */
    public Levels(BenchFiles files) {
        this.files = files;
        this.fresh = Monitor.open(0);
        this.keeping = Monitor.open(KEEP);
        this.greeter = GuestImage.read(files.hello());
        this.snapshot = take(keeping, greeter);
    }

    private static Snapshot take(Monitor monitor, GuestImage image) {
        try {
            return monitor.snapshot(guest(image, ARGUMENT), SnapshotPoint.afterHypercalls(0));
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts the start of the benchmark", e);
        }
    }

    /** Returns a guest as all that are measured are. */
    public static GuestSpec guest(GuestImage image, String... words) {
        return GuestSpec.of(image)
                .memory((long) MEMORY_MIB << 20)
                .privilege(PrivilegeMode.RING_3)
                .arguments(words);
    }

    /** Returns all levels that are compared, from the one that does most anew. */
    public List<Level> all() {
        return List.of(cold(), coldFreed(), shell(), snapshot());
    }

    /**
     * Returns the level cold: a new VM for every guest, its image read anew; from the request to
     * the guest's end. Between two runs everything is freed, as the floor does it.
     */
    public Level cold() {
        return cold("cold", Level.Span.TO_EXIT);
    }

    /** Returns the level cold, from the request to everything freed and the result. */
    public Level coldFreed() {
        return cold("cold_freed", Level.Span.TO_FREED);
    }

    private Level cold(String name, Level.Span span) {
        Level.Run run = console -> runCold(GuestImage.read(files.hello()), console);
        return new Level(name, Level.Mode.COLD, span, Start.COLD, GREETING, run);
    }

    /** Runs an image that the caller has, in a new VM; in the end everything is freed. */
    public RunResult runCold(GuestImage image, Console console) throws InterruptedException {
        return fresh.run(guest(image, ARGUMENT).console(console));
    }

    /** Returns the level shell: a kept VM, which is cleaned after the result. */
    public Level shell() {
        return kept("shell", Level.Span.TO_RESULT, GREETING, guest(greeter, ARGUMENT));
    }

    /**
     * Returns the level exit: a kept VM whose guest does nothing but leave it so often and come
     * back.
     */
    public Level exits(int calls) {
        GuestSpec guest = guest(GuestImage.read(files.exits()), exitsArgument(calls));
        return kept("exit", Level.Span.EXIT, "SUCCESS\n", guest);
    }

    /** Returns the level shell of guests in a worker, a process of their own. */
    public Level process() {
        GuestSpec guest = guest(greeter, ARGUMENT).tenant(TENANT);
        return kept("process", Level.Span.TO_RESULT, GREETING, workers(), guest);
    }

    /** Returns the level exit of a guest in a worker. */
    public Level processExits(int calls) {
        GuestSpec guest = guest(GuestImage.read(files.exits()), exitsArgument(calls));
        return kept("process_exit", Level.Span.EXIT, "SUCCESS\n", workers(), guest.tenant(TENANT));
    }

    private Monitor workers() {
        Monitor known = workers;
        if (known == null) {
            known = Monitor.open(KEEP, Isolation.PROCESS);
            workers = known;
        }
        return known;
    }

    private Level kept(String name, Level.Span span, String greeting, GuestSpec guest) {
        return kept(name, span, greeting, keeping, guest);
    }

    private static Level kept(
            String name, Level.Span span, String greeting, Monitor on, GuestSpec guest) {
        Level.Run run = console -> on.run(guest.console(console));
        return new Level(name, Level.Mode.SHELL, span, Start.POOLED, greeting, run);
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
                Start.SNAPSHOT,
                GREETING,
                console -> keeping.run(GuestSpec.of(snapshot).console(console)));
    }

    /**
     * Writes the snapshot to a file, and returns what opens it for each guest, which goes on from
     * it in a new VM. The floor has no such thing: it starts anew.
     *
     * @param file that is not there
     */
    Level file(Path file) {
        snapshot.write(file);
        Level.Run run =
                console -> {
                    try (Snapshot opened = fresh.openSnapshot(file)) {
                        return fresh.run(GuestSpec.of(opened).console(console));
                    }
                };
        return new Level(
                "file", Level.Mode.COLD, Level.Span.TO_RESULT, Start.COLD_SNAPSHOT, GREETING, run);
    }

    /** Returns what the guest exits is given to leave its VM so often. */
    public static String exitsArgument(int calls) {
        return "calls=" + calls;
    }

    /** Returns a guest of the level shell, for {@link #keeping}. */
    public GuestSpec hello(Console console) {
        return guest(greeter, ARGUMENT).console(console);
    }

    /** Returns the monitor that keeps VMs, as the level shell has it. */
    public Monitor keeping() {
        return keeping;
    }

    /** Returns the monitor that keeps nothing, as the level cold has it. */
    Monitor fresh() {
        return fresh;
    }

    /** Starts a guest in a new VM, which greets and waits for something that never comes. */
    Idle idle() throws InterruptedException {
        CountDownLatch greeted = new CountDownLatch(1);
        Console console =
                bytes -> {
                    if (bytes.hasRemaining() && bytes.get(bytes.limit() - 1) == '\n') {
                        greeted.countDown();
                    }
                };
        GuestSpec guest = guest(GuestImage.read(files.idle()), FOREVER).console(console);
        GuestRun run = fresh.start(guest);
        boolean stays = false;
        try {
            stays = greeted.await(GREETING_SECONDS, TimeUnit.SECONDS);
        } finally {
            if (!stays) {
                run.cancel();
            }
        }
        if (!stays) {
            throw new HostException("idle guest", "does not greet and wait", 0, "");
        }
        return new Idle() {
            @Override
            public long process() {
                return 0;
            }

            @Override
            public void close() {
                run.cancel();
            }
        };
    }

    @Override
    public void close() {
        if (workers != null) {
            workers.close();
        }
        snapshot.close();
        fresh.close();
        keeping.close();
    }
}
