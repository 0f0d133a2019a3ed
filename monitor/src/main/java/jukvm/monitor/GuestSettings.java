package jukvm.monitor;

import java.util.Optional;
import java.util.function.Consumer;
import jukvm.abi.DeviceType;
import jukvm.abi.Dialect;
import jukvm.abi.PrivilegeLevel;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.NetRing;
import jukvm.device.Notices;
import jukvm.device.WallClock;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import jukvm.io.Poller;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What {@link Tender.Builder} has been told, and the plan that follows from it. */
final class GuestSettings {
    private static final Logger LOG = LoggerFactory.getLogger(Tender.class);

    final Monitor monitor;
    private final GuestImage image;
    private final Optional<Snapshot> snapshot;
    final GivenDevices devices = new GivenDevices();
    long memory;
    String commandLine = "";
    Console console = Console.discard();
    WallClock clock = WallClock.host();
    Ring ring = Ring.AUTO;
    Dialect dialect;
    Optional<Boolean> netRing = Optional.empty();
    Consumer<String> operator = line -> LOG.debug("{}", line);
    Limits limits = Limits.none();
    @Nullable Long requestedAt;

    GuestSettings(Monitor monitor, GuestImage image, Optional<Snapshot> snapshot) {
        this.monitor = monitor;
        this.image = image;
        this.snapshot = snapshot;
        this.dialect = snapshot.map(Snapshot::dialect).orElse(image.dialect());
        this.memory = snapshot.map(Snapshot::memory).orElse(Tender.DEFAULT_MEMORY);
    }

    /** Refuses a setting that a clone has from its snapshot. */
    void refuseInClone(String what) {
        if (snapshot.isPresent()) {
            throw new ConfigException(what + " of a clone is that of its snapshot");
        }
    }

    /** Checks what can be checked without the host. */
    void check() {
        GuestPlan.checkMemory(memory);
        image.requireDialect(dialect);
        image.requireFits(memory);
        GuestPlan.checkCommandLine(dialect, commandLine);
    }

    /** Returns how the guest is to run; attaches its devices. */
    GuestPlan plan(Poller poller, StopRequest stop) {
        Notices notices = new Notices(operator);
        PrivilegeLevel level = snapshot.map(Snapshot::ring).orElseGet(() -> monitor.resolve(ring));
        boolean offersRing =
                snapshot.isEmpty()
                        && dialect.mayUseRing()
                        && devices.include(DeviceType.NET_BASIC)
                        && monitor.hasIoeventfd()
                        && netRing.orElseGet(() -> monitor.runsNatively(level))
                        && NetRing.fits(memory, image.end());
        Devices attached = devices.attach(image, limited(stop), clock, poller, notices);
        snapshot.ifPresent(from -> from.requireSame(attached));
        return new GuestPlan(
                image,
                dialect,
                memory,
                commandLine,
                level,
                limits,
                offersRing ? attached.withRing(NetRing.atEndOf(memory)) : attached,
                snapshot,
                notices);
    }

    private Console limited(StopRequest stop) {
        long bytes = limits.consoleBytes();
        return bytes == Limits.NONE ? console : new LimitedConsole(console, bytes, stop::ask);
    }
}
