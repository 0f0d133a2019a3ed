package jukvm.bench.clones;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import jukvm.bench.action.AnsweringGuest;
import jukvm.bench.action.AnsweringSystem;
import jukvm.bench.action.Commands;
import jukvm.bench.process.Child;
import jukvm.bench.process.ChildEnd;
import jukvm.device.MacAddress;
import jukvm.device.PublishedPort;
import jukvm.device.UserNetwork;
import jukvm.device.UserNetworkSpec;
import jukvm.error.HostException;
import jukvm.guest.SnapshotPoint;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;
import jukvm.monitor.Snapshot;

/** Ways to start a clone that answers one HTTP request and ends. */
final class CloneStarters {
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final Path SOCKETS = Path.of("/proc/net/tcp");
    private static final long LOOK_MICROS = 200;
    private static final String NIC = "service0";
    private static final String[] WORDS = {
        "--ipv4=10.0.2.15/24", "--ipv4-gateway=10.0.2.2", "limit=1"
    };
    private static final UserNetworkSpec NETWORK =
            UserNetworkSpec.usual().mac(MacAddress.random()).publish(PublishedPort.tcp(0, 80));

    private CloneStarters() {}

    /** Writes the file: the guest where it waits for its first frame. */
    static void write(Monitor monitor, Path image, long memory, Path file)
            throws InterruptedException {
        try (UserNetwork network = UserNetwork.open(NETWORK)) {
            GuestSpec guest =
                    GuestSpec.of(GuestImage.read(image))
                            .memory(memory)
                            .arguments(WORDS)
                            .net(NIC, network);
            try (Snapshot taken = monitor.snapshot(guest, SnapshotPoint.firstPoll())) {
                taken.write(file);
            }
        }
    }

    /** Starts clones of a snapshot that is open, one after another on a network that stays. */
    static AnsweringSystem.Starter library(Monitor monitor, Snapshot snapshot) {
        UserNetwork network = UserNetwork.open(NETWORK);
        GuestSpec clone = GuestSpec.of(snapshot).deadline(LIMIT).net(NIC, network);
        return new AnsweringSystem.Starter() {
            @Override
            public AnsweringSystem.Instance start() {
                InetSocketAddress address = network.published().get(0);
                return new AnsweringGuest(monitor.start(clone), address, Optional.empty());
            }

            @Override
            public void close() {
                network.close();
            }
        };
    }

    /** Starts the command for each clone, which starts a passt for it. */
    static AnsweringSystem.Starter command(Path jukvm, Path runtime, Path file) {
        return () -> {
            InetSocketAddress port = freePort();
            List<String> words =
                    List.of(
                            "run",
                            "--net:" + NIC + "=user",
                            "--publish=" + port.getPort() + ":80",
                            file.toString());
            return new Command(Commands.resident(jukvm, words, runtime).start(), port);
        };
    }

    // It may be taken by somebody else meanwhile; then one answer fails, and is told as such.
    private static InetSocketAddress freePort() {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket free = new ServerSocket(0, 1, loopback)) {
            return new InetSocketAddress(loopback, free.getLocalPort());
        } catch (IOException e) {
            throw new HostException("a free port", e.toString(), 0, "");
        }
    }

    private record Command(Child child, InetSocketAddress port)
            implements AnsweringSystem.Instance {
        // Asked before passt listens, it would refuse; asked in vain, the guest would be done.
        @Override
        public InetSocketAddress address() throws InterruptedException {
            String listens = "%04X 00000000:0000 0A".formatted(port.getPort());
            long start = System.nanoTime();
            while (!sockets().contains(listens)) {
                if (System.nanoTime() - start > LIMIT.toNanos()) {
                    throw new HostException("passt", "does not listen at " + port, 0, "");
                }
                TimeUnit.MICROSECONDS.sleep(LOOK_MICROS);
            }
            return port;
        }

        private static String sockets() {
            try {
                return Files.readString(SOCKETS);
            } catch (IOException e) {
                throw new HostException(SOCKETS.toString(), e.toString(), 0, "");
            }
        }

        @Override
        public String await() throws InterruptedException {
            ChildEnd end = child.await(LIMIT);
            return end.succeeded() ? "" : "ended: " + end.errors().strip();
        }

        @Override
        public void close() {
            child.close();
        }
    }
}
