package jukvm.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jukvm.net.Ipv4Address;

/**
 * What a guest's network by sockets of this user is to be like; see {@link UserNetwork}. Immutable:
 * each method returns another.
 */
public final class UserNetworkSpec {
    /** The guest's address and the length of its network's prefix where none is given. */
    public static final String DEFAULT_ADDRESS = "10.0.2.15/24";

    /** The MTU where none is given, in bytes: Ethernet's. */
    public static final int DEFAULT_MTU = 1500;

    // What IPv4 asks of every host (RFC 791), and what fits into a packet of IPv4.
    private static final int MIN_MTU = 576;
    private static final int MAX_MTU = 65520;

    // The gateway and the name server are the second and third host of the network.
    private static final int GATEWAY = 2;
    private static final int NAME_SERVER = 3;
    private static final int MIN_PREFIX = 8;
    private static final int MAX_PREFIX = 29;

    private final Optional<MacAddress> mac;
    private final int mtu;
    private final int address;
    private final int prefix;
    private final List<PublishedPort> ports;

    private UserNetworkSpec(
            Optional<MacAddress> mac, int mtu, int address, int prefix, List<PublishedPort> ports) {
        this.mac = mac;
        this.mtu = mtu;
        this.address = address;
        this.prefix = prefix;
        this.ports = ports;
    }

    /** Returns the usual one: 10.0.2.15/24, an MTU of 1500 bytes, no port published. */
    public static UserNetworkSpec usual() {
        return new UserNetworkSpec(Optional.empty(), DEFAULT_MTU, 0, 0, List.of())
                .address(DEFAULT_ADDRESS);
    }

    /** Returns one where the guest has this hardware address, and not a random one. */
    public UserNetworkSpec mac(MacAddress given) {
        return new UserNetworkSpec(Optional.of(given), mtu, address, prefix, ports);
    }

    /**
     * Returns one with another MTU.
     *
     * @param bytes the largest payload of a frame, 576 to 65520
     * @throws IllegalArgumentException if it is outside these
     */
    public UserNetworkSpec mtu(int bytes) {
        if (bytes < MIN_MTU || bytes > MAX_MTU) {
            throw new IllegalArgumentException(
                    "MTU of " + bytes + " bytes: not " + MIN_MTU + " to " + MAX_MTU);
        }
        return new UserNetworkSpec(mac, bytes, address, prefix, ports);
    }

    /**
     * Returns one where the guest has another address. The gateway is the second host of its
     * network, and the name server the third.
     *
     * @param text such as {@code 192.168.7.10/24}; without a slash the prefix has 24 bits
     * @throws IllegalArgumentException if it is no address that a guest can have there
     */
    public UserNetworkSpec address(String text) {
        int slash = text.indexOf('/');
        String bits = slash < 0 ? "24" : text.substring(slash + 1);
        if (!bits.matches("[0-9]{1,2}")
                || Integer.parseInt(bits) < MIN_PREFIX
                || Integer.parseInt(bits) > MAX_PREFIX) {
            throw new IllegalArgumentException(
                    "'" + text + "': a prefix has " + MIN_PREFIX + " to " + MAX_PREFIX + " bits");
        }
        int length = Integer.parseInt(bits);
        int own = Ipv4Address.parse(slash < 0 ? text : text.substring(0, slash));
        int host = own & -1 >>> length;
        if (host == 0 || host == -1 >>> length || host == GATEWAY || host == NAME_SERVER) {
            throw new IllegalArgumentException(
                    text + ": is the network's, its gateway's or its name server's address");
        }
        return new UserNetworkSpec(mac, mtu, own, length, ports);
    }

    /** Returns one that also leads a port of the host's to the guest. */
    public UserNetworkSpec publish(PublishedPort port) {
        List<PublishedPort> more = new ArrayList<>(ports);
        more.add(port);
        return new UserNetworkSpec(mac, mtu, address, prefix, List.copyOf(more));
    }

    Optional<MacAddress> mac() {
        return mac;
    }

    int mtu() {
        return mtu;
    }

    int address() {
        return address;
    }

    int gateway() {
        return address & -1 << 32 - prefix | GATEWAY;
    }

    private String nameServer() {
        return Ipv4Address.text(address & -1 << 32 - prefix | NAME_SERVER);
    }

    Ipv4Settings ipv4() {
        return new Ipv4Settings(
                Ipv4Address.text(address) + "/" + prefix,
                Ipv4Address.text(gateway()),
                nameServer());
    }

    /** Returns the ports that are to lead to the guest. */
    public List<PublishedPort> ports() {
        return ports;
    }

    /**
     * Returns passt's options. It has IPv4 alone, and leads nowhere in the host itself; but passt
     * of 2023 sends an answer by UDP to the host's loopback address only if that is the gateway's.
     */
    List<String> options(List<PublishedPort> claimed) {
        String nameServer = nameServer();
        List<String> options = new ArrayList<>(List.of("-4", "-m", Integer.toString(mtu)));
        options.addAll(List.of("-a", Ipv4Address.text(address), "-n", Integer.toString(prefix)));
        options.addAll(List.of("-g", Ipv4Address.text(gateway())));
        options.addAll(List.of("-D", nameServer, "--dns-forward", nameServer));
        if (claimed.stream().noneMatch(PublishedPort::isUdpOfLoopback)) {
            options.add("--no-map-gw");
        }
        for (PublishedPort port : claimed) {
            options.add(port.isUdp() ? "-u" : "-t");
            options.add(port.address() + "/" + port.port() + ":" + port.guestPort());
        }
        return options;
    }
}
