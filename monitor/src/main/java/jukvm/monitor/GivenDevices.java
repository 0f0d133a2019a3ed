package jukvm.monitor;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import jukvm.abi.DeviceType;
import jukvm.abi.Manifest;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
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

/** The block and network devices given to a guest, to be matched with those that it declares. */
final class GivenDevices {
    // Guests before Solo5 0.6 declare nothing and pass no handles; any two will do.
    private static final int ONLY_BLOCK = 0;
    private static final int ONLY_NET = 1;

    /** What every guest is given. */
    record Surroundings(Console console, WallClock clock, Poller poller) {}

    private final Map<String, BlockDevice> blocks = new LinkedHashMap<>();
    private final Map<String, NetDevice> nets = new LinkedHashMap<>();

    void add(String name, BlockDevice device) {
        refuseTwice(name);
        blocks.put(name, device);
    }

    void add(String name, NetDevice device) {
        refuseTwice(name);
        nets.put(name, device);
    }

    private void refuseTwice(String name) {
        if (given(name).isPresent()) {
            throw new ConfigException("device '" + name + "' is given twice");
        }
    }

    private Optional<DeviceType> given(String name) {
        return blocks.containsKey(name)
                ? Optional.of(DeviceType.BLOCK_BASIC)
                : nets.containsKey(name) ? Optional.of(DeviceType.NET_BASIC) : Optional.empty();
    }

    /** Returns whether there is a network device among them. */
    boolean includeNet() {
        return !nets.isEmpty();
    }

    /**
     * Attaches each to what the guest declares.
     *
     * @throws ConfigException if one is missing, is of the wrong type, is not declared, or is
     *     impossible in itself; with all that the guest declares and the options that would do
     */
    Devices attach(GuestImage image, Surroundings given, Notices notices, Optional<NetRing> ring) {
        Map<Integer, AttachedBlock> attachedBlocks = new TreeMap<>();
        Map<Integer, AttachedNet> attachedNets = new TreeMap<>();
        if (image.dialect().isMarked()) {
            check(image);
            for (Manifest.Device declared : image.manifest().devices()) {
                String name = declared.name();
                int handle = declared.handle();
                switch (declared.type()) {
                    case BLOCK_BASIC ->
                            attachedBlocks.put(
                                    handle,
                                    new AttachedBlock(
                                            name,
                                            Objects.requireNonNull(blocks.get(name)),
                                            notices));
                    case NET_BASIC ->
                            attachedNets.put(
                                    handle,
                                    new AttachedNet(
                                            name, Objects.requireNonNull(nets.get(name)), notices));
                }
            }
        } else {
            checkUnmarked(image);
            blocks.forEach(
                    (name, block) ->
                            attachedBlocks.put(
                                    ONLY_BLOCK, new AttachedBlock(name, block, notices)));
            nets.forEach(
                    (name, net) -> attachedNets.put(ONLY_NET, new AttachedNet(name, net, notices)));
        }
        return new Devices(
                given.console, given.clock, given.poller, attachedBlocks, attachedNets, ring);
    }

    private void check(GuestImage image) {
        Map<String, DeviceType> declared = new LinkedHashMap<>();
        for (Manifest.Device device : image.manifest().devices()) {
            declared.put(device.name(), device.type());
            Optional<DeviceType> type = given(device.name());
            if (type.isEmpty()) {
                throw mismatch(
                        image,
                        "device " + device + " is declared in the manifest but not attached");
            }
            if (type.get() != device.type()) {
                throw mismatch(
                        image,
                        "device '"
                                + device.name()
                                + "' is declared as "
                                + device.type()
                                + ", given as "
                                + type.get());
            }
        }
        for (String name : blocks.keySet()) {
            refuseUndeclared(image, declared, name);
        }
        for (String name : nets.keySet()) {
            refuseUndeclared(image, declared, name);
        }
    }

    private void refuseUndeclared(GuestImage image, Map<String, DeviceType> declared, String name) {
        if (!declared.containsKey(name)) {
            throw mismatch(image, "device '" + name + "' is not declared in the manifest");
        }
    }

    private void checkUnmarked(GuestImage image) {
        if (blocks.size() > 1 || nets.size() > 1) {
            throw new ConfigException(
                    image.name()
                            + ": a guest of "
                            + image.dialect()
                            + " has at most one block and one network device; given: "
                            + givenNames());
        }
    }

    private ConfigException mismatch(GuestImage image, String fact) {
        StringJoiner declared = new StringJoiner(", ");
        StringJoiner options = new StringJoiner(" ");
        for (Manifest.Device device : image.manifest().devices()) {
            declared.add(device.toString());
            options.add(
                    switch (device.type()) {
                        case BLOCK_BASIC -> "--block:" + device.name() + "=PATH";
                        case NET_BASIC -> "--net:" + device.name() + "=TAP";
                    });
        }
        boolean none = image.manifest().devices().isEmpty();
        return new ConfigException(
                image.name()
                        + ": "
                        + fact
                        + ". Declared: "
                        + (none ? "none" : declared)
                        + ". Given: "
                        + givenNames()
                        + ". "
                        + (none ? "Run it without devices" : "Use " + options));
    }

    private String givenNames() {
        StringJoiner names = new StringJoiner(", ");
        blocks.keySet().forEach(name -> names.add("'" + name + "' (BLOCK_BASIC)"));
        nets.keySet().forEach(name -> names.add("'" + name + "' (NET_BASIC)"));
        return names.length() == 0 ? "none" : names.toString();
    }
}
