package jukvm.monitor;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import jukvm.abi.DeviceType;
import jukvm.abi.Dialect;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.NetDevice;
import jukvm.device.WallClock;
import jukvm.error.ConfigException;
import jukvm.error.GuestException;
import jukvm.image.GuestImage;
import jukvm.io.Poller;
import jukvm.text.HostText;
import org.jspecify.annotations.Nullable;

/**
 * Tends one guest, once: lays it out, runs it, and tells how it ended. What it is to be like was
 * fixed when it was built.
 *
 * <p>Thread-safe. {@link #run} and {@link #start} may be called from any thread, virtual ones
 * included; the guest's vCPU runs on a platform thread of its own, and that is where the embedder's
 * console and devices are called. The guest is hostile and cannot throw anything at the embedder:
 * whatever it does ends in an {@link Outcome}.
 */
public final class Tender implements AutoCloseable {
    /** Guest memory is a multiple of this, in bytes. */
    public static final long MEMORY_UNIT = 2L << 20;

    /** What a guest is given if nothing is said, in bytes, as solo5-hvt does. */
    public static final long DEFAULT_MEMORY = 512L << 20;

    private final Monitor monitor;
    private final GuestRun guest;
    private final Turns.Turn turn;
    private final @Nullable Long requestedAt;

    private Tender(GuestSettings settings) {
        this.monitor = settings.monitor;
        this.turn = monitor.turns().turn();
        Poller poller = new Poller(turn::give);
        StopRequest stop = new StopRequest(turn, poller, settings.console, monitor);
        this.guest = new GuestRun(monitor, settings.plan(poller, stop), stop, turn);
        this.requestedAt = settings.requestedAt;
    }

    /** Returns a builder of a tender for a guest of this image. */
    public static Builder builder(Monitor monitor, GuestImage image) {
        return new Builder(new GuestSettings(monitor, image, Optional.empty()));
    }

    /**
     * Returns a builder of a tender for a clone, which goes on where the snapshot was taken.
     * Memory, arguments, ring and dialect are the snapshot's; devices are attached by the same
     * names.
     */
    public static Builder builder(Monitor monitor, Snapshot snapshot) {
        return new Builder(new GuestSettings(monitor, snapshot.image(), Optional.of(snapshot)));
    }

    /**
     * Runs the guest until it ends, one of its limits is reached, or it is cancelled. No device of
     * its is called after this returns, but one that did not come back within 5 s after the guest
     * was stopped is not waited for.
     *
     * @throws InterruptedException if the calling thread is interrupted; the guest has ended then
     * @throws IllegalStateException if this tender has run already, or it, its monitor or the
     *     snapshot it is to go on from is closed
     * @throws RuntimeException whatever the console or a device of the embedder's threw, while the
     *     guest ran or at its end; the guest has ended then, and everything else that belongs to
     *     its end is done: all disks are flushed. What was thrown after that is suppressed in it
     */
    public RunResult run() throws InterruptedException {
        ask(null);
        guest.begin();
        return awaitResult();
    }

    private RunResult awaitResult() throws InterruptedException {
        try {
            return GuestEnd.get(guest.end());
        } catch (InterruptedException e) {
            cancel();
            GuestEnd.await(guest.end());
            throw new InterruptedException("the guest was stopped");
        }
    }

    /**
     * Starts the guest and returns at once.
     *
     * @return a future of how it ends; or of what the console or a device of the embedder's threw.
     *     It is completed on a thread of the monitor's that no other guest waits for, whoever
     *     stopped the guest, and before its VM is cleaned: what takes long keeps the VM from other
     *     guests, and belongs on another thread, as by {@link CompletableFuture#thenAcceptAsync}.
     *     Cancelling it, or completing it in any other way such as {@link
     *     CompletableFuture#orTimeout}, stops the guest, which then ends a moment later; {@link
     *     #close} waits for that.
     * @throws IllegalStateException if this tender has run already, or it or its monitor is closed
     */
    public CompletableFuture<RunResult> start() {
        CompletableFuture<RunResult> future = request();
        guest.begin();
        return future;
    }

    /**
     * Runs the guest to a point, stops it there for good, and returns what it was then. The guest's
     * devices are used until then as in a run. A stop that was asked for before it came to the
     * point counts, one that comes later does not. Metrics count it as a guest that ended in {@link
     * OutcomeKind#SNAPSHOT}.
     *
     * @throws InterruptedException if the calling thread is interrupted; the guest has ended then,
     *     and no snapshot is left
     * @throws GuestException if the guest ended, or was stopped, before it came to the point
     * @throws RuntimeException as {@link #run}; no snapshot is left
     * @throws ConfigException if it is offered a network ring, which has a state of its own
     * @throws IllegalStateException if this tender has run already, or it or its monitor is closed
     */
    public Snapshot snapshot(SnapshotPoint point) throws InterruptedException {
        ask(point);
        guest.begin();
        boolean isHandedOver = false;
        try {
            RunResult result = awaitResult();
            Snapshot taken = guest.snapshot();
            if (taken == null) {
                throw new GuestException(
                        "guest ended before the snapshot at " + point + ": " + result.outcome());
            }
            isHandedOver = true;
            return taken;
        } finally {
            Snapshot left = isHandedOver ? null : guest.snapshot();
            if (left != null) {
                left.close();
            }
        }
    }

    private void ask(@Nullable SnapshotPoint point) {
        monitor.requireOpen();
        if (!guest.request(requestedAt == null ? System.nanoTime() : requestedAt, point)) {
            throw new IllegalStateException("a tender runs one guest, once");
        }
    }

    /** Notes that the run is asked for; {@link #begin} begins it. */
    CompletableFuture<RunResult> request() {
        ask(null);
        CompletableFuture<RunResult> future = guest.end().copy();
        var unused =
                future.whenComplete(
                        (result, thrown) -> {
                            if (!guest.end().isDone()) {
                                cancel();
                            }
                        });
        return future;
    }

    /** Begins a run that was asked for. */
    void begin() {
        guest.begin();
    }

    /** Returns what is complete when the guest has ended. */
    CompletableFuture<RunResult> end() {
        return guest.end();
    }

    /**
     * Stops the guest with {@link Outcome.Cancelled}, now or as soon as it starts, and does not
     * wait for its end.
     */
    public void cancel() {
        guest.stop(new Outcome.Cancelled());
    }

    /**
     * Gives the guest no turn on a processor until {@link #resume}, from the end of the hypercall
     * it is in; if it has not started, it starts and then waits. Its deadline goes on counting.
     * From any thread, any number of times.
     */
    public void pause() {
        turn.pause();
    }

    /** Lets the guest go on, if it was paused. From any thread, any number of times. */
    public void resume() {
        turn.resume();
    }

    /**
     * Cancels the guest and waits for its end. From any thread, any number of times. Called by a
     * guest's device, or by what hangs on its future, it does not wait.
     */
    @Override
    public void close() {
        if (guest.retire()) {
            return;
        }
        cancel();
        if (!MonitorThread.isCurrent()) {
            GuestEnd.await(guest.end());
        }
    }

    /** Says how a guest is to run; every setting has a default. Used by one thread. */
    public static final class Builder {
        private final GuestSettings settings;

        private Builder(GuestSettings settings) {
            this.settings = settings;
        }

        /**
         * Sets the guest's memory in bytes, a multiple of {@link Tender#MEMORY_UNIT}: there is no
         * more for it, whatever it does. A network ring is part of it.
         */
        public Builder memory(long bytes) {
            settings.refuseInClone("memory");
            settings.memory = bytes;
            return this;
        }

        /**
         * Sets the guest's arguments, which reach it joined by single spaces: in UTF-8, and byte
         * for byte if they are of {@link HostText}.
         */
        public Builder arguments(String... arguments) {
            settings.refuseInClone("the command line");
            settings.commandLine = String.join(" ", arguments);
            return this;
        }

        /** Sets where console output goes; it is discarded by default. */
        public Builder console(Console console) {
            settings.console = console;
            return this;
        }

        /** Sets the wall clock the guest is told; the host's by default. */
        public Builder clock(WallClock clock) {
            settings.clock = clock;
            return this;
        }

        /** Sets the ring the guest runs at. */
        public Builder ring(Ring ring) {
            settings.refuseInClone("the ring");
            settings.ring = ring;
            return this;
        }

        /**
         * Sets the generation of the guest contract, for an image that nothing marks: without it
         * the guest's first call decides.
         */
        public Builder dialect(Dialect dialect) {
            settings.refuseInClone("the dialect");
            settings.dialect = dialect;
            return this;
        }

        /**
         * Attaches a block device to the name that the guest declares; to a guest before Solo5 0.6,
         * which declares none, its only one by any name. It stays the caller's to close.
         *
         * @throws ConfigException if the name is given twice
         */
        public Builder block(String name, BlockDevice device) {
            settings.devices.add(DeviceType.BLOCK_BASIC, name, device);
            return this;
        }

        /**
         * Attaches a network device to the name that the guest declares; to a guest before Solo5
         * 0.6, which declares none, its only one by any name. It stays the caller's to close.
         *
         * @throws ConfigException if the name is given twice
         */
        public Builder net(String name, NetDevice device) {
            settings.devices.add(DeviceType.NET_BASIC, name, device);
            return this;
        }

        /**
         * Sets whether a guest with a network device is offered the network ring of Solo5 0.11,
         * where the host can serve one. By default it is where that is faster: not at a ring 0 that
         * KVM emulates, where a guest that spins for an answer keeps the host from giving it. It
         * takes the last 2 MiB of memory, and is not offered to a guest that would have too little
         * left.
         */
        public Builder netRing(boolean offered) {
            settings.netRing = Optional.of(offered);
            return this;
        }

        /**
         * Sets who is told, in a line each, of trouble with the guest's devices while it runs; a
         * logger by default. Called on the guest's threads, at most ten times a second; what it
         * throws ends the run.
         */
        public Builder notices(Consumer<String> operator) {
            settings.operator = operator;
            return this;
        }

        /**
         * Sets how long the guest may take, from when the run was requested; it ends with {@link
         * Outcome.DeadlineExpired}.
         *
         * @throws ConfigException if it is not positive
         */
        public Builder deadline(Duration deadline) {
            settings.limits = settings.limits.withDeadline(deadline);
            return this;
        }

        /**
         * Sets how much time the vCPU's thread may spend on a processor from when the guest is
         * entered, its devices' time on that thread included; it ends with {@link
         * Outcome.LimitExceeded}, some milliseconds over. The thread of a network ring is not
         * counted.
         *
         * @throws ConfigException if it is not positive
         */
        public Builder cpuTime(Duration time) {
            settings.limits = settings.limits.withCpuTime(time);
            return this;
        }

        /**
         * Sets how much the guest may print, in bytes. So much reaches the console, no more, and it
         * ends with {@link Outcome.LimitExceeded}.
         *
         * @throws ConfigException if it is negative
         */
        public Builder consoleBytes(long bytes) {
            settings.limits = settings.limits.withConsole(bytes);
            return this;
        }

        /**
         * Sets how many hypercalls the guest may make in a second; it ends with {@link
         * Outcome.LimitExceeded}. A guest that made none for a second may make all of them at once.
         * Frames that pass by the network ring make none.
         *
         * @throws ConfigException if it is not positive
         */
        public Builder hypercallsPerSecond(long calls) {
            settings.limits = settings.limits.withHypercalls(calls);
            return this;
        }

        /**
         * Sets how much memory of the host the guest may make its own once it was entered, in
         * bytes: pages that it, or a device on its behalf, is the first to write, in memory or
         * swapped out. What it begins with does not count: its image, the template or snapshot that
         * it shares with other guests, and zeroes that it only reads (these do before Linux 6.7).
         * It ends with {@link Outcome.LimitExceeded}; or with {@link Outcome.HostError} where the
         * host does not tell, as without {@code /proc/self/pagemap}. It is looked at every 10 ms,
         * so a guest can go over it for so long, and never over {@link #memory}, which needs no
         * looking.
         *
         * @throws ConfigException if it is not positive
         */
        public Builder residentMemory(long bytes) {
            settings.limits = settings.limits.withResident(bytes);
            return this;
        }

        /**
         * Sets when the run was requested, by {@link System#nanoTime}; when it is called if not
         * set.
         */
        public Builder requestedAt(long nanoTime) {
            settings.requestedAt = nanoTime;
            return this;
        }

        /**
         * Checks everything that can be checked before the guest runs.
         *
         * @throws ConfigException if the guest cannot run like this, with what to change
         * @throws jukvm.error.HostException if the host cannot be asked which ring it runs
         */
        public Tender build() {
            settings.check();
            return new Tender(settings);
        }
    }
}
