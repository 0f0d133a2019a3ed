package jukvm.cli.device;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jukvm.abi.DeviceType;
import jukvm.cli.invoker.Conversions;
import jukvm.device.DhcpDevice;
import jukvm.device.DnsDevice;
import jukvm.device.Ipv4Settings;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.device.PublishedPort;
import jukvm.device.StreamDevice;
import jukvm.device.TapDevice;
import jukvm.device.UserNetwork;
import jukvm.device.UserNetworkSpec;
import jukvm.error.ConfigException;
import jukvm.io.Requester;
import jukvm.monitor.GuestSpec;
import jukvm.net.HostInterface;
import jukvm.net.Ipv4Address;
import jukvm.sandbox.Use;
import org.jspecify.annotations.Nullable;

/** What is asked for one network device. */
final class AskedNet extends AskedDevice {
    private static final String CONNECT = "unix:";
    private static final String LISTEN = "listen:";

    // One of both: what is at the other end, or that it is to be passt.
    @Nullable String backing;
    @Nullable UserNetworkSpec user;

    private boolean isInterface; // whatever its name

    @Nullable MacAddress mac;
    @Nullable String place; // Of which interface it takes the place.
    @Nullable String capture;

    @Override
    Map<String, String> usages() {
        Map<String, String> usages = new LinkedHashMap<>();
        usages.put("net", "--net:NAME=TAP|@FD|user|unix:PATH|listen:PATH");
        usages.put("net-mac", "--net-mac:NAME=xx:xx:xx:xx:xx:xx");
        usages.put("net-as", "--net-as:NAME=INTERFACE");
        usages.put("net-pcap", "--net-pcap:NAME=FILE");
        return usages;
    }

    @Override
    List<String> nameless() {
        return List.of("net", "net-mac");
    }

    @Override
    public List<String> help() {
        return List.of(
                "      --net:NAME=TAP|@FD    Attach a TAP interface that is up, or the",
                "                              inherited descriptor FD of one.",
                "      --net:NAME=user[,mtu=BYTES][,address=A[/N]]",
                "                            Reach the world without privilege, by passt, as",
                "                              10.0.2.15/24; --publish leads to the guest.",
                "      --net:NAME=unix:PATH|listen:PATH",
                "                            Exchange frames over a Unix socket, in QEMU's",
                "                              framing: with who waits there, or comes there.",
                "      --net-mac:NAME=MAC    Hardware address of the guest; random if not",
                "                              given.",
                "      --net-as:NAME=INTERFACE",
                "                            Take the place of an interface of the host: its",
                "                              hardware address, and its IPv4 address, which",
                "                              the guest is told by DHCP and place-holders.",
                "      --net-pcap:NAME=FILE  Write all frames to FILE, for Wireshark.",
                "      --net=..., --net-mac=MAC",
                "                            The guest's only interface, whatever its name.");
    }

    @Override
    public Map<String, String> solo5() {
        Map<String, String> lines = new LinkedHashMap<>();
        lines.put(
                "net",
                "    --net:NAME=IFACE | @NN (tap IFACE or descriptor NN becomes the NIC NAME)");
        lines.put("net-mac", "  [ --net-mac:NAME=HWADDR ] (hardware address of the NIC NAME)");
        return lines;
    }

    @Override
    public DeviceType type() {
        return DeviceType.NET_BASIC;
    }

    @Override
    void set(String option, String word, String value, boolean asSolo5) {
        switch (option) {
            case "net-mac" -> mac = mac(word, value);
            case "net-as" -> place = value;
            case "net-pcap" -> capture = Conversions.path(value);
            default -> {
                // solo5-hvt takes whatever comes after the name for an interface.
                boolean isUser = value.equals("user") || value.startsWith("user,");
                user = isUser && !asSolo5 ? userNetwork(word, value) : null;
                backing = value;
                isInterface = asSolo5;
            }
        }
    }

    private static UserNetworkSpec userNetwork(String word, String value) {
        UserNetworkSpec spec = UserNetworkSpec.usual();
        Set<String> seen = new HashSet<>();
        for (String part : value.split(",", -1)) {
            String name = part.substring(0, part.indexOf('=') + 1);
            String given = part.substring(name.length());
            if (!seen.add(name)) {
                throw new ConfigException(word + ": '" + part + "' is one too many");
            }
            try {
                spec =
                        switch (name) {
                            case "" -> spec;
                            case "mtu=" -> spec.mtu(Integer.parseInt(given));
                            case "address=" -> spec.address(given);
                            default -> throw unknown(word, part);
                        };
            } catch (NumberFormatException e) {
                throw new ConfigException(word + ": '" + given + "' is not an MTU in bytes");
            } catch (IllegalArgumentException e) {
                throw new ConfigException(word + ": " + e.getMessage());
            }
        }
        return spec;
    }

    private static ConfigException unknown(String word, String part) {
        return new ConfigException(
                word + ": '" + part + "' is neither mtu=BYTES nor address=ADDRESS[/BITS]");
    }

    /** Returns whether it is a network to which ports of the host's can lead. */
    boolean isUser() {
        return user != null;
    }

    /** Has the guest keep a hardware address, unless another is asked for. */
    void keep(MacAddress known) {
        if (mac == null && place == null && !known.isMulticast()) {
            mac = known;
        }
    }

    /** Has ports of the host's lead to the guest. */
    void publish(List<PublishedPort> ports) {
        for (PublishedPort port : ports) {
            user = requiredUser().publish(port);
        }
    }

    private UserNetworkSpec requiredUser() {
        if (user == null) {
            throw new IllegalStateException("not a network by passt");
        }
        return user;
    }

    private static MacAddress mac(String word, String value) {
        MacAddress mac =
                MacAddress.parse(value)
                        .orElseThrow(
                                () ->
                                        new ConfigException(
                                                word
                                                        + ": Malformed mac address: need six"
                                                        + " octets in hexadecimal, such as"
                                                        + " 02:00:00:00:00:01"));
        if (mac.isMulticast()) {
            throw new ConfigException(
                    word + ": is a multicast address; the first octet must be even");
        }
        return mac.bits() == 0 ? MacAddress.random() : mac;
    }

    @Override
    boolean hasBacking() {
        return backing != null;
    }

    @Override
    String attaching(String name) {
        return "--net:" + name + "=TAP";
    }

    @Override
    void check(String name) {
        if (backing == null) {
            throw new ConfigException(
                    "device '" + name + "' has no interface; add " + attaching(name));
        }
        if (place != null && user != null) {
            throw new ConfigException(
                    "device '" + name + "': a network by passt takes no interface's place");
        }
    }

    @Override
    String failure() {
        return "Could not attach interface";
    }

    @Override
    GuestSpec open(String name, OpenDevices devices, GuestSpec guest) {
        NetDevice device = user == null ? attach(name, devices) : lead(user, devices);
        devices.connect(name, device);
        return guest.net(name, capture == null ? device : devices.capture(device, name, capture));
    }

    private NetDevice attach(String name, OpenDevices devices) {
        if (place == null) {
            return attach(name, devices, mac == null ? MacAddress.random() : mac);
        }
        HostInterface own = HostInterface.of(devices.caller(), place);
        NetDevice device = attach(name, devices, mac == null ? new MacAddress(own.mac()) : mac);
        return own.address() == 0 ? device : answering(own, device, devices);
    }

    // A name server on the loopback interface, as docker's is, is asked for the guest, which takes
    // the gateway for it.
    private static NetDevice answering(HostInterface own, NetDevice device, OpenDevices devices) {
        int nameServer = HostInterface.nameServer(devices.caller());
        boolean isOwn = Ipv4Address.isLoopback(nameServer);
        String gateway = text(own.gateway());
        NetDevice asking =
                isOwn && !gateway.isEmpty()
                        ? devices.add(
                                DnsDevice.of(
                                        devices.caller(),
                                        device,
                                        gateway,
                                        text(nameServer),
                                        DnsDevice.PORT))
                        : device;
        Ipv4Settings settings =
                new Ipv4Settings(
                        Ipv4Address.text(own.address()) + "/" + own.prefix(),
                        gateway,
                        isOwn ? gateway : text(nameServer));
        return devices.add(DhcpDevice.of(asking, settings));
    }

    private static String text(int address) {
        return address == 0 ? "" : Ipv4Address.text(address);
    }

    private NetDevice attach(String name, OpenDevices devices, MacAddress address) {
        String word = required(backing);
        Requester caller = devices.caller();
        if (word.startsWith(CONNECT) && !isInterface) {
            String path = word.substring(CONNECT.length());
            return devices.add(StreamDevice.connect(caller, path, address));
        }
        if (word.startsWith(LISTEN) && !isInterface) {
            String path = word.substring(LISTEN.length());
            devices.need(Use.LISTENING);
            return devices.add(StreamDevice.listen(caller, path, address));
        }
        return devices.add(
                word.startsWith("@")
                        ? TapDevice.adopt(caller, descriptor(name, word), address)
                        : TapDevice.open(caller, word, address));
    }

    private NetDevice lead(UserNetworkSpec asked, OpenDevices devices) {
        UserNetworkSpec spec = mac == null ? asked : asked.mac(mac);
        UserNetwork network = devices.add(UserNetwork.open(devices.caller(), spec));
        for (int i = 0; i < network.ports().size(); i++) {
            if (spec.ports().get(i).port() == 0) {
                devices.note("published " + network.ports().get(i));
            }
        }
        return network;
    }

    private static int descriptor(String name, String word) {
        try {
            if (word.matches("@[0-9]+")) {
                return Integer.parseInt(word.substring(1));
            }
        } catch (NumberFormatException e) {
            throw new ConfigException(
                    word + ": no descriptor has a number above " + Integer.MAX_VALUE);
        }
        throw new ConfigException(
                word
                        + ": is not @ and the number of an inherited descriptor, as in --net:"
                        + name
                        + "=@3");
    }
}
