package jukvm.cli.device;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jukvm.abi.DeviceType;
import jukvm.cli.invoker.Conversions;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.device.TapDevice;
import jukvm.error.ConfigException;
import jukvm.monitor.GuestSpec;
import org.jspecify.annotations.Nullable;

/** What is asked for one network device. */
final class AskedNet extends AskedDevice {
    @Nullable String tap;
    @Nullable MacAddress mac;
    @Nullable String capture;

    @Override
    Map<String, String> usages() {
        Map<String, String> usages = new LinkedHashMap<>();
        usages.put("net", "--net:NAME=TAP, --net:NAME=@FD");
        usages.put("net-mac", "--net-mac:NAME=xx:xx:xx:xx:xx:xx");
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
                "      --net-mac:NAME=MAC    Hardware address of the guest; random if not",
                "                              given.",
                "      --net-pcap:NAME=FILE  Write all frames to FILE, for Wireshark.",
                "      --net=TAP|@FD, --net-mac=MAC",
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
            case "net-pcap" -> capture = Conversions.path(value);
            default -> tap = value;
        }
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
        return tap != null;
    }

    /** Returns the option that attaches a device of this name. */
    static String attaching(String name) {
        return "--net:" + name + "=TAP";
    }

    @Override
    void check(String name) {
        if (tap == null) {
            throw new ConfigException(
                    "device '" + name + "' has no interface; add " + attaching(name));
        }
    }

    @Override
    String failure() {
        return "Could not attach interface";
    }

    @Override
    GuestSpec open(String name, OpenDevices devices, GuestSpec guest) {
        String word = required(tap);
        MacAddress address = mac == null ? MacAddress.random() : mac;
        NetDevice device =
                devices.add(
                        word.startsWith("@")
                                ? TapDevice.adopt(devices.caller(), descriptor(name, word), address)
                                : TapDevice.open(devices.caller(), word, address));
        devices.connect(name, device);
        return guest.net(name, capture == null ? device : devices.capture(device, name, capture));
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
