package jukvm.monitor;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import jukvm.abi.Dialect;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.NetDevice;
import jukvm.device.NetRing;
import jukvm.device.Notices;
import jukvm.device.WallClock;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import jukvm.io.Poller;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tends one guest, once: lays it out, runs it, and tells how it ended.
 *
 * <p>{@link #run} is called once, from any thread; it blocks, and the guest's vCPU runs on a
 * platform thread of its own. {@link #cancel} may be called from any thread at any time.
 */
public final class Tender {
    private static final Logger LOG = LoggerFactory.getLogger(Tender.class);

    /** Guest memory is a multiple of this, in bytes. */
    public static final long MEMORY_UNIT = 2L << 20;

    /** What a guest is given if nothing is said, in bytes, as solo5-hvt does. */
    public static final long DEFAULT_MEMORY = 512L << 20;

    // How long to wait for a vCPU that was kicked before kicking it again.
    private static final long INSIST_MILLIS = 1;

    private final GuestRun guest;
    private final StopRequest stop;
    private final ShellPool shells;
    private final @Nullable Duration deadline;
    private final @Nullable Long requestedAt;
    private final AtomicBoolean used = new AtomicBoolean();

    private Tender(Builder builder) {
        Poller poller = new Poller();
        GuestPlan plan = builder.plan(poller);
        this.stop = new StopRequest(poller, builder.console);
        this.deadline = builder.deadline;
        this.requestedAt = builder.requestedAt;
        this.guest = new GuestRun(builder.monitor, plan, stop);
        this.shells = builder.monitor.shells();
    }

    /** Returns a builder of a tender for a guest of this image. */
    public static Builder builder(Monitor monitor, GuestImage image) {
        return new Builder(monitor, image);
    }

    /**
     * Runs the guest until it ends, its deadline passes, or it is cancelled. All its resources are
     * with the host again when this returns.
     *
     * @throws InterruptedException if the calling thread is interrupted; the guest has ended then
     * @throws IllegalStateException if this tender has run already
     * @throws RuntimeException whatever a device of the embedder's threw; the guest has ended then
     */
    public RunResult run() throws InterruptedException {
        if (!used.compareAndSet(false, true)) {
            throw new IllegalStateException("a tender runs one guest, once");
        }
        long requested = requestedAt == null ? System.nanoTime() : requestedAt;
        guest.request(requested);
        shells.start(guest);
        boolean interrupted = false;
        while (true) {
            try {
                awaitEnd(requested);
                break;
            } catch (InterruptedException e) {
                interrupted = true;
                cancel();
            }
        }
        if (interrupted) {
            throw new InterruptedException("the guest was stopped");
        }
        return guest.result();
    }

    private void awaitEnd(long requested) throws InterruptedException {
        while (!guest.awaitEnd(millisToWait(requested))) {
            if (stop.wish() != null) {
                stop.insist();
            } else if (deadline != null && nanosLeft(deadline, requested) <= 0) {
                stop.ask(new Outcome.DeadlineExpired(deadline));
            }
        }
    }

    private long millisToWait(long requested) {
        if (stop.wish() != null) {
            return INSIST_MILLIS;
        }
        // Rounded up, so that waiting is over when the time is up and not just before.
        return deadline == null
                ? Long.MAX_VALUE
                : Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanosLeft(deadline, requested)) + 1);
    }

    private static long nanosLeft(Duration limit, long requested) {
        return saturatedNanos(limit) - (System.nanoTime() - requested);
    }

    private static long saturatedNanos(Duration limit) {
        return limit.compareTo(Duration.ofDays(36500)) > 0
                ? Duration.ofDays(36500).toNanos()
                : limit.toNanos();
    }

    /** Stops the guest with {@link Outcome.Cancelled}, now or as soon as it starts. */
    public void cancel() {
        try {
            stop.ask(new Outcome.Cancelled());
        } finally {
            guest.wakeWaiter();
        }
    }

    /** Says how a guest is to run; every setting has a default. Used by one thread. */
    public static final class Builder {
        private final Monitor monitor;
        private final GuestImage image;
        private long memory = DEFAULT_MEMORY;
        private String commandLine = "";
        private Console console = Console.discard();
        private WallClock clock = WallClock.host();
        private Ring ring = Ring.AUTO;
        private Dialect dialect;
        private final GivenDevices devices = new GivenDevices();
        private Optional<Boolean> netRing = Optional.empty();
        private Consumer<String> operator = line -> LOG.debug("{}", line);
        private @Nullable Duration deadline;
        private @Nullable Long requestedAt;

        private Builder(Monitor monitor, GuestImage image) {
            this.monitor = monitor;
            this.image = image;
            this.dialect = image.dialect();
        }

        /** Sets the guest's memory in bytes, a multiple of {@link Tender#MEMORY_UNIT}. */
        public Builder memory(long bytes) {
            this.memory = bytes;
            return this;
        }

        /** Sets the guest's arguments, which reach it joined by single spaces. */
        public Builder arguments(String... arguments) {
            this.commandLine = String.join(" ", arguments);
            return this;
        }

        /** Sets where console output goes; it is discarded by default. */
        public Builder console(Console console) {
            this.console = console;
            return this;
        }

        /** Sets the wall clock the guest is told; the host's by default. */
        public Builder clock(WallClock clock) {
            this.clock = clock;
            return this;
        }

        /** Sets the ring the guest runs at. */
        public Builder ring(Ring ring) {
            this.ring = ring;
            return this;
        }

        /**
         * Sets the generation of the guest contract, for an image that nothing marks: without it
         * the guest's first call decides.
         */
        public Builder dialect(Dialect dialect) {
            this.dialect = dialect;
            return this;
        }

        /**
         * Attaches a block device to the name that the guest declares; to a guest before Solo5 0.6,
         * which declares none, its only one by any name. It stays the caller's to close.
         *
         * @throws ConfigException if the name is given twice
         */
        public Builder block(String name, BlockDevice device) {
            devices.add(name, device);
            return this;
        }

        /**
         * Attaches a network device to the name that the guest declares; to a guest before Solo5
         * 0.6, which declares none, its only one by any name. It stays the caller's to close.
         *
         * @throws ConfigException if the name is given twice
         */
        public Builder net(String name, NetDevice device) {
            devices.add(name, device);
            return this;
        }

        /**
         * Sets whether a guest with a network device is offered the network ring of Solo5 0.11,
         * where the host can serve one. By default it is where that is faster: not at a ring 0 that
         * KVM emulates, where a guest that spins for an answer keeps the host from giving it.
         */
        public Builder netRing(boolean offered) {
            this.netRing = Optional.of(offered);
            return this;
        }

        /**
         * Sets who is told, in a line each, of trouble with the guest's devices while it runs; a
         * logger by default. Called on the guest's threads, at most ten times a second.
         */
        public Builder notices(Consumer<String> operator) {
            this.operator = operator;
            return this;
        }

        /** Sets how long the guest may take, from when the run was requested. */
        public Builder deadline(Duration deadline) {
            this.deadline = deadline;
            return this;
        }

        /**
         * Sets when the run was requested, by {@link System#nanoTime}; when it is called if not
         * set.
         */
        public Builder requestedAt(long nanoTime) {
            this.requestedAt = nanoTime;
            return this;
        }

        /**
         * Checks everything that can be checked before the guest runs.
         *
         * @throws ConfigException if the guest cannot run like this, with what to change
         * @throws jukvm.error.HostException if the host cannot be asked which ring it runs
         */
        public Tender build() {
            if (memory <= 0 || memory % MEMORY_UNIT != 0) {
                throw new ConfigException(
                        "guest memory of " + memory + " bytes is not a multiple of 2 MiB");
            }
            if (deadline != null && (deadline.isNegative() || deadline.isZero())) {
                throw new ConfigException("deadline of " + deadline + " is not positive");
            }
            checkDialect();
            image.requireFits(memory);
            checkCommandLine();
            return new Tender(this);
        }

        private GuestPlan plan(Poller poller) {
            Notices notices = new Notices(operator);
            int level = monitor.resolve(ring);
            boolean offersRing =
                    dialect.mayUseRing()
                            && devices.includeNet()
                            && monitor.hasIoeventfd()
                            && netRing.orElseGet(() -> monitor.runsNatively(level));
            // The ring lies after the guest's memory, within what a guest can have at most.
            long visible =
                    offersRing ? Math.min(memory, dialect.maxMemory() - NetRing.RESERVED) : memory;
            image.requireFits(visible);
            Devices attached = devices.attach(image, console, clock, poller, notices);
            return new GuestPlan(
                    image,
                    dialect,
                    visible,
                    commandLine,
                    level,
                    offersRing ? attached.withRing(new NetRing(visible)) : attached,
                    notices);
        }

        private void checkDialect() {
            if (dialect.isMarked() != image.dialect().isMarked()) {
                throw new ConfigException(
                        image.name()
                                + ": is of dialect '"
                                + image.dialect()
                                + "' and cannot run as '"
                                + dialect
                                + "'");
            }
        }

        private void checkCommandLine() {
            if (commandLine.indexOf('\0') >= 0) {
                throw new ConfigException("guest command line contains a zero byte");
            }
            int length = commandLine.getBytes(StandardCharsets.UTF_8).length;
            int max = dialect.maxCommandLine();
            if (length > max) {
                throw new ConfigException(
                        "Guest command line too long: "
                                + length
                                + " bytes (max="
                                + max
                                + " characters)");
            }
        }
    }
}
