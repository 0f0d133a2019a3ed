package jukvm.monitor;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import jukvm.abi.DeviceType;
import jukvm.abi.Manifest;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.device.BlockDevice;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.NetDevice;
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

    private final Map<String, BlockDevice> blocks = new LinkedHashMap<>();
    private final Map<String, NetDevice> nets = new LinkedHashMap<>();

    GivenDevices copy() {
        GivenDevices copy = new GivenDevices();
        copy.blocks.putAll(blocks);
        copy.nets.putAll(nets);
        return copy;
    }

    void add(String name, BlockDevice device) {
        refuseTwice(name);
        blocks.put(name, device);
    }

    void add(String name, NetDevice device) {
        refuseTwice(name);
        nets.put(name, device);
    }

    private void refuseTwice(String name) {
        if (blocks.containsKey(name) || nets.containsKey(name)) {
            throw new ConfigException("device '" + name + "' is given twice");
        }
    }

    private Map<String, DeviceType> types() {
        Map<String, DeviceType> types = new LinkedHashMap<>();
        blocks.keySet().forEach(name -> types.put(name, DeviceType.BLOCK_BASIC));
        nets.keySet().forEach(name -> types.put(name, DeviceType.NET_BASIC));
        return types;
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
    Devices attach(
            GuestImage image, Console console, WallClock clock, Poller poller, Notices notices) {
        image.requireDevices(types());
        Map<Integer, AttachedBlock> attachedBlocks = new TreeMap<>();
        Map<Integer, AttachedNet> attachedNets = new TreeMap<>();
        if (image.dialect().isMarked()) {
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
                                            notices,
                                            poller));
                    case NET_BASIC ->
                            attachedNets.put(
                                    handle,
                                    new AttachedNet(
                                            name, Objects.requireNonNull(nets.get(name)), notices));
                }
            }
        } else {
            blocks.forEach(
                    (name, block) ->
                            attachedBlocks.put(
                                    ONLY_BLOCK, new AttachedBlock(name, block, notices, poller)));
            nets.forEach(
                    (name, net) -> attachedNets.put(ONLY_NET, new AttachedNet(name, net, notices)));
        }
        return new Devices(console, clock, poller, attachedBlocks, attachedNets);
    }
}
