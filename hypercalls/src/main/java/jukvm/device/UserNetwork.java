package jukvm.device;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jukvm.error.HostException;
import jukvm.host.Pollable;
import jukvm.io.Requester;
import jukvm.net.FrameChannel;
import jukvm.net.Ipv4Address;
import jukvm.net.Passt;
import jukvm.net.PortClaim;

/**
 * A network device that reaches the world by ordinary sockets of this user, without any privilege:
 * its other end is a process of passt, which lives for as long as this is open.
 *
 * <p>The guest is 10.0.2.15/24 unless asked otherwise, which passt also tells it by DHCP; 10.0.2.2
 * is its gateway, and 10.0.2.3 a name server, which asks the host's. It reaches whatever the host
 * reaches, but not the host's own loopback interface; that it does, by the gateway's address, only
 * if a port of UDP is published there. It is reached by published ports only.
 *
 * <p>Read and written by one thread at a time each, as a guest does.
 */
public final class UserNetwork implements NetDevice, AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final String NAME = "passt";

    private final Passt passt;
    private final FrameChannel frames;
    private final MacAddress mac;
    private final int mtu;
    private final Ipv4Settings ipv4;
    private final List<PublishedPort> ports;

    private UserNetwork(Passt passt, UserNetworkSpec spec, List<PublishedPort> ports) {
        this.passt = passt;
        this.frames = passt.frames();
        this.mac = spec.mac().orElseGet(MacAddress::random);
        this.mtu = spec.mtu();
        this.ipv4 = spec.ipv4();
        this.ports = ports;
    }

    /**
     * Starts passt, and waits until it serves.
     *
     * @throws jukvm.error.JukvmException if it is not installed, a port is taken, or the host has
     *     no network to lead to, with what to do
     */
    public static UserNetwork open(UserNetworkSpec spec) {
        return open(Requester.self(), spec);
    }

    /**
     * Starts passt in the caller's network namespace and with its rights, and waits until it
     * serves.
     *
     * @throws jukvm.error.JukvmException if it is not installed, a port is taken, or the caller has
     *     no network to lead to, with what to do
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public static UserNetwork open(Requester caller, UserNetworkSpec spec) {
        List<PortClaim> claims = new ArrayList<>();
        List<PublishedPort> ports = new ArrayList<>();
        try {
            for (PublishedPort port : spec.ports()) {
                int address = Ipv4Address.number(port.address());
                PortClaim claim = PortClaim.of(caller, address, port.port(), port.isUdp());
                claims.add(claim);
                ports.add(port.at(claim.port()));
            }
            Passt passt = Passt.start(caller, spec.options(ports));
            UserNetwork network = new UserNetwork(passt, spec, List.copyOf(ports));
            try {
                network.awaitAnswer(spec);
                return network;
            } catch (HostException e) {
                network.close();
                throw e;
            }
        } finally {
            claims.forEach(PortClaim::close);
        }
    }

    // It says nothing when it is ready; so it is asked for the gateway's hardware address, and
    // knows
    // the guest's from then on.
    private void awaitAnswer(UserNetworkSpec spec) {
        ArpPacket question = new ArpPacket(ArpPacket.REQUEST, mac, spec.address(), spec.gateway());
        ByteBuffer asked = question.broadcast();
        write(ByteBuffer.allocateDirect(asked.limit()).put(0, asked, 0, asked.limit()));
        ByteBuffer answer = ByteBuffer.allocateDirect(FrameChannel.LONGEST);
        long start = System.nanoTime();
        while (!isAnswer(answer.flip())) {
            Duration left = PATIENCE.minusNanos(System.nanoTime() - start);
            answer.clear();
            if (!read(answer) && (left.isNegative() || !passt.await(left))) {
                throw new HostException(
                        NAME, "does not answer in " + PATIENCE.toSeconds() + " s", 0, "");
            }
        }
        passt.lastWords(); // What it said before is not why it will end.
    }

    private static boolean isAnswer(ByteBuffer frame) {
        if (frame.limit() < HEADER_SIZE || EthernetHeader.type(frame) != EthernetHeader.ARP) {
            return false;
        }
        ArpPacket packet = ArpPacket.parse(frame);
        return packet != null && packet.operation() == ArpPacket.REPLY;
    }

    /** Returns the ports of the host's that lead to the guest, in the order they were asked for. */
    public List<PublishedPort> ports() {
        return ports;
    }

    /** Returns where the host's side of each published port is, in the order of {@link #ports}. */
    public List<InetSocketAddress> published() {
        return ports.stream().map(UserNetwork::address).toList();
    }

    private static InetSocketAddress address(PublishedPort port) {
        int address = Ipv4Address.number(port.address());
        try {
            byte[] octets = ByteBuffer.allocate(Integer.BYTES).putInt(address).array();
            return new InetSocketAddress(InetAddress.getByAddress(octets), port.port());
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e); // Only if the number of octets were wrong.
        }
    }

    @Override
    public MacAddress mac() {
        return mac;
    }

    @Override
    public int mtu() {
        return mtu;
    }

    @Override
    public Optional<Ipv4Settings> ipv4() {
        return Optional.of(ipv4);
    }

    @Override
    public Pollable readiness() {
        return frames;
    }

    @Override
    public boolean read(ByteBuffer into) {
        try {
            return frames.read(into);
        } catch (HostException e) {
            throw ended(e);
        }
    }

    @Override
    public boolean write(ByteBuffer frame) {
        try {
            return frames.write(frame);
        } catch (HostException e) {
            throw ended(e);
        }
    }

    private HostException ended(HostException e) {
        if (e.errno() != FrameChannel.GONE) {
            return e;
        }
        String words = passt.lastWords();
        String remedy = words.contains("interface") ? "The host needs a default route" : "";
        return new HostException(
                NAME, "has ended" + (words.isEmpty() ? "" : ": " + words), 0, remedy);
    }

    /** Ends passt, and waits until it has: published ports are free then. */
    @Override
    public void close() {
        passt.close();
    }
}
