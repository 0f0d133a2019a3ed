package jukvm.run;

import java.util.Optional;
import java.util.function.Consumer;
import jukvm.abi.DeviceType;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.control.Limits;
import jukvm.debug.CoreFiles;
import jukvm.debug.GdbListener;
import jukvm.debug.Samples;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.NetRing;
import jukvm.device.Notices;
import jukvm.device.WallClock;
import jukvm.error.ConfigException;
import jukvm.guest.PrivilegeMode;
import jukvm.guest.SnapshotPoint;
import jukvm.guest.TracedCall;
import jukvm.image.GuestImage;
import jukvm.io.Poller;
import jukvm.memory.ChargedMemory;
import jukvm.replay.RecordingHeader;
import jukvm.replay.RunControl;
import jukvm.text.HostText;
import jukvm.vm.GuestHost;
import jukvm.vm.SnapshotState;
import jukvm.x86.RewrittenCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a {@code GuestSpec} says, and what follows from it. Changed only by whoever has just copied
 * it, before anybody else sees it.
 */
public final class GuestSettings {
    /** Guest memory is a multiple of this, in bytes. */
    public static final long MEMORY_UNIT = 2L << 20;

    /** What a guest is given if nothing is said, in bytes, as solo5-hvt does. */
    public static final long DEFAULT_MEMORY = 512L << 20;

    // Of a processor: a guest has one.
    private static final double ALL = 1;

    private static final WallClock HOSTS = WallClock.host();
    private static final Logger LOG = LoggerFactory.getLogger("jukvm.monitor.GuestSpec");

    private final GuestImage image;
    private final @Nullable SnapshotState snapshot;
    public GivenDevices devices = new GivenDevices();
    public long memory;
    public @Nullable ChargedMemory charged;
    public String commandLine = "";
    public Console console = Console.discard();
    public WallClock clock = HOSTS;
    public PrivilegeMode privilege = PrivilegeMode.AUTO;
    public Dialect dialect;
    public Optional<Boolean> netRing = Optional.empty();
    public Consumer<String> operator = line -> LOG.debug("{}", line);
    public Limits limits = Limits.none();
    public double processors = ALL;
    public @Nullable Consumer<TracedCall> trace;
    public @Nullable GdbListener debugger;
    public @Nullable CoreFiles cores;
    public @Nullable Samples samples;
    public RunControl.@Nullable Source control;
    public boolean isRecorded;
    public @Nullable Long requestedAt;
    public @Nullable String tenant;

    /** Sets defaults for a guest of an image, or of the snapshot of one. */
    public GuestSettings(GuestImage image, @Nullable SnapshotState snapshot) {
        this.image = image;
        this.snapshot = snapshot;
        this.dialect = snapshot == null ? image.dialect() : snapshot.dialect();
        this.memory = snapshot == null ? DEFAULT_MEMORY : snapshot.memory();
    }

    /** Returns settings that may be changed until others see them. */
    public GuestSettings copy() {
        GuestSettings copy = new GuestSettings(image, snapshot);
        copy.devices = devices.copy();
        copy.memory = memory;
        copy.charged = charged;
        copy.commandLine = commandLine;
        copy.console = console;
        copy.clock = clock;
        copy.privilege = privilege;
        copy.dialect = dialect;
        copy.netRing = netRing;
        copy.operator = operator;
        copy.limits = limits;
        copy.processors = processors;
        copy.trace = trace;
        copy.debugger = debugger;
        copy.cores = cores;
        copy.samples = samples;
        copy.control = control;
        copy.isRecorded = isRecorded;
        copy.requestedAt = requestedAt;
        copy.tenant = tenant;
        return copy;
    }

    /** Returns whether nothing looks into a guest of ring 3 or holds on to its VM. */
    boolean mayBeParked(RunRequest request) {
        return request.privilege() == PrivilegeLevel.RING_3
                && request.stopAt() == null
                && trace == null
                && debugger == null
                && cores == null
                && samples == null
                && control == null
                && charged == null;
    }

    /** Sets all that a recording says of its run, which is done again. */
    public static GuestSettings of(
            GuestImage image, RecordingHeader recorded, RunControl.Source control) {
        GuestSettings settings = new GuestSettings(image, null);
        settings.memory = recorded.memory();
        settings.commandLine = recorded.commandLine();
        settings.dialect = recorded.dialect();
        settings.privilege =
                recorded.privilege() == PrivilegeLevel.RING_0
                        ? PrivilegeMode.RING_0
                        : PrivilegeMode.RING_3;
        for (RecordingHeader.Attached device : recorded.devices()) {
            Object recalled = device.type().kind().recalled(device.told());
            settings.devices.add(device.type(), device.name(), recalled);
        }
        settings.control = control;
        return settings;
    }

    /** Refuses a setting that a clone has from its snapshot, or a replay from its recording. */
    public void refuseIfGiven(String what) {
        if (snapshot != null) {
            throw new ConfigException(what + " of a clone is that of its snapshot");
        }
        refuseInReplay(what);
    }

    /** Refuses what a replay has from its recording. */
    public void refuseInReplay(String what) {
        if (control != null && !isRecorded) {
            throw new ConfigException(what + " of a replay is that of its recording");
        }
    }

    /** Refuses to record what is recorded already, replayed, or not run from its beginning. */
    public void refuseToRecord() {
        if (snapshot != null) {
            throw new ConfigException("a run is recorded from its beginning, not from a snapshot");
        }
        if (control != null) {
            throw new ConfigException("a run is recorded once, and no replay is");
        }
    }

    /** Refuses a debugger for a guest that is profiled or recorded. */
    public void requireOneObserver() {
        if (debugger != null && isRecorded) {
            throw new ConfigException(
                    "a guest under gdb is not recorded: record it first, then replay it under gdb");
        }
        if (debugger != null && samples != null) {
            throw new ConfigException("a guest under gdb is not profiled: choose one of them");
        }
    }

    /** Returns whether the guest is told another time than the host's. */
    public boolean hasOwnClock() {
        return !clock.equals(HOSTS);
    }

    /** Refuses what a guest in another process cannot have. */
    public void requireNothingOfThisProcess() {
        refuseElsewhere("a debugger", debugger != null);
        refuseElsewhere("a profiler", samples != null);
        refuseElsewhere("core dumps", cores != null);
        refuseElsewhere("a recording", control != null);
        refuseElsewhere("a snapshot", snapshot != null);
        refuseElsewhere("a share of a processor", processors < ALL);
        refuseElsewhere("memory charged to another process", charged != null);
    }

    private static void refuseElsewhere(String what, boolean isAsked) {
        if (isAsked) {
            throw notByProcess(what);
        }
    }

    /** Returns how what a guest in another process cannot have is refused. */
    public static ConfigException notByProcess(String what) {
        return new ConfigException(
                what
                        + " needs the guest in this process: open the monitor with"
                        + " Isolation.THREAD");
    }

    /** Refuses a tenant where guests have no process of their own. */
    public void requireNoTenant() {
        if (tenant != null) {
            throw new ConfigException(
                    "tenants are kept apart by processes: open the monitor with"
                            + " Isolation.PROCESS");
        }
    }

    /** Refuses what a run that is recorded or replayed cannot be, and returns what controls it. */
    @Nullable RunControl control(RunRequest request) {
        if (control == null) {
            return null;
        }
        if (request.stopAt() != null) {
            throw new ConfigException("a run to a snapshot is neither recorded nor replayed");
        }
        boolean isRing0 = request.privilege() == PrivilegeLevel.RING_0;
        return control.control(RewrittenCode.of(image, isRing0));
    }

    /** Refuses what no host could run. */
    private void check() {
        if (memory <= 0 || memory % MEMORY_UNIT != 0) {
            throw new ConfigException(
                    "guest memory of " + memory + " bytes is not a multiple of 2 MiB");
        }
        image.requireDialect(dialect);
        image.requireFits(memory);
        checkCommandLine();
    }

    private void checkCommandLine() {
        if (commandLine.indexOf('\0') >= 0) {
            throw new ConfigException("guest command line contains a zero byte");
        }
        int length = HostText.encode(commandLine).length;
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

    /**
     * Returns what is asked of a run.
     *
     * @param host that is to run it
     * @param stopAt where it is stopped for a snapshot, null if it is not
     * @throws ConfigException if it cannot be run so
     * @throws IllegalStateException if the snapshot it goes on from is closed
     */
    public RunRequest request(GuestHost host, @Nullable SnapshotPoint stopAt) {
        check();
        if (snapshot != null) {
            snapshot.requireOpen();
        }
        return new RunRequest(
                image,
                dialect,
                memory,
                charged,
                commandLine,
                snapshot == null ? host.resolve(privilege) : snapshot.privilege(),
                limits,
                snapshot,
                stopAt,
                requestedAt == null ? System.nanoTime() : requestedAt);
    }

    /**
     * Attaches the devices of a run.
     *
     * @param limitedConsole where its output goes
     * @param ringServer as {@link NetRing} has it
     * @throws ConfigException if they are not what the guest declares, or its snapshot was told of
     */
    public Devices attach(
            RunRequest request,
            GuestHost host,
            Console limitedConsole,
            Poller poller,
            Notices notices,
            Runnable ringServer) {
        Devices attached = devices.attach(image, limitedConsole, clock, poller, notices);
        if (snapshot != null) {
            snapshot.requireSame(attached);
            NetRing.State from = snapshot.resume().ring();
            return from == null
                    ? attached
                    : attached.withRing(NetRing.goingOn(memory, ringServer, from));
        }
        return offersRing(request, host)
                ? attached.withRing(NetRing.atEndOf(memory, ringServer))
                : attached;
    }

    private boolean offersRing(RunRequest request, GuestHost host) {
        return control == null // Its thread reads and writes memory whenever it likes.
                && dialect.mayUseRing()
                && devices.include(DeviceType.NET_BASIC)
                && netRing.orElseGet(() -> host.runsNatively(request.privilege()))
                && NetRing.fits(memory, image.end());
    }
}
