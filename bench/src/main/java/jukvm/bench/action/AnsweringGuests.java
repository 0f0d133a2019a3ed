package jukvm.bench.action;

import java.time.Duration;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import jukvm.bench.BenchFiles;
import jukvm.device.MacAddress;
import jukvm.device.PublishedPort;
import jukvm.device.UserNetwork;
import jukvm.device.UserNetworkSpec;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;
import org.jspecify.annotations.Nullable;

/**
 * Starts guests that answer one request, by a port of the host's that passt leads to them. As
 * launchers do, a worker that keeps anything has a passt that stays, to which one guest after
 * another is attached.
 */
final class AnsweringGuests implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final String NIC = "service0";
    private static final String[] WORDS = {
        "--ipv4=10.0.2.15/24", "--ipv4-gateway=10.0.2.2", "limit=1"
    };

    // A clone has the hardware address of the guest that was taken down.
    private static final UserNetworkSpec NETWORK =
            UserNetworkSpec.usual().mac(MacAddress.random()).publish(PublishedPort.tcp(0, 80));

    private final BenchFiles files;
    private final Levels levels;
    private final Queue<UserNetwork> idle = new ConcurrentLinkedQueue<>();
    private @Nullable Snapshot snapshot; // Taken when it is needed first: that needs passt.

    AnsweringGuests(BenchFiles files, Levels levels) {
        this.files = files;
        this.levels = levels;
    }

    /** How a guest is made for a network. */
    private interface Maker {
        GuestSpec make(UserNetwork network) throws InterruptedException;
    }

    /** Returns what starts each in a new VM with a new passt, its image read anew. */
    AnsweringSystem.Starter cold() {
        Maker maker = network -> spec(GuestImage.read(files.http()));
        return () -> start(levels.fresh(), maker, UserNetwork.open(NETWORK), true);
    }

    /** Returns what starts each in a kept VM. */
    AnsweringSystem.Starter shell() {
        GuestSpec guest = spec(GuestImage.read(files.http()));
        return keeping(network -> guest);
    }

    /** Returns what has each go on where another was about to wait for its first frame. */
    AnsweringSystem.Starter snapshot() {
        return keeping(network -> GuestSpec.of(taken(network)));
    }

    private static GuestSpec spec(GuestImage image) {
        return Levels.guest(image, WORDS).netRing(false); // It would cost more than few frames.
    }

    private synchronized Snapshot taken(UserNetwork network) throws InterruptedException {
        Snapshot known = snapshot;
        if (known == null) {
            GuestSpec guest = spec(GuestImage.read(files.http())).net(NIC, network);
            known = levels.keeping().snapshot(quiet(guest), SnapshotPoint.firstPoll());
            snapshot = known;
        }
        return known;
    }

    private AnsweringSystem.Starter keeping(Maker maker) {
        UserNetwork kept = idle.poll();
        UserNetwork network = kept == null ? UserNetwork.open(NETWORK) : kept;
        return new AnsweringSystem.Starter() {
            @Override
            public AnsweringSystem.Instance start() throws InterruptedException {
                return AnsweringGuests.start(levels.keeping(), maker, network, false);
            }

            @Override
            public void close() {
                idle.add(network);
            }
        };
    }

    private static AnsweringSystem.Instance start(
            Monitor monitor, Maker maker, UserNetwork network, boolean own)
            throws InterruptedException {
        Optional<UserNetwork> its = own ? Optional.of(network) : Optional.empty();
        try {
            GuestSpec guest = quiet(maker.make(network)).deadline(LIMIT).net(NIC, network);
            return new AnsweringGuest(monitor.start(guest), network.published().get(0), its);
        } catch (InterruptedException | RuntimeException e) {
            its.ifPresent(UserNetwork::close);
            throw e;
        }
    }

    private static GuestSpec quiet(GuestSpec guest) {
        return guest.console(bytes -> {});
    }

    /** Gives up what is kept. */
    @Override
    public synchronized void close() {
        idle.forEach(UserNetwork::close);
        if (snapshot != null) {
            snapshot.close();
        }
    }
}
