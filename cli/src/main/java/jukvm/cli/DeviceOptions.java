package jukvm.cli;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jukvm.abi.DeviceType;
import jukvm.abi.Manifest;
import jukvm.device.AttachedBlock;
import jukvm.device.BlockDevice;
import jukvm.device.MacAddress;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import jukvm.io.BlockFile;
import org.jspecify.annotations.Nullable;

/**
 * The options that attach devices, spelled as solo5-hvt spells them, with the device's name in the
 * option's. Nothing is opened here.
 */
final class DeviceOptions {
    private static final String KINDS =
            "block|block-sector-size|block-sync|net|net-mac|net-pcap|disk";
    private static final Pattern FORM =
            Pattern.compile("--(" + KINDS + ")(?::([^=]*))?(?:=(.*))?", Pattern.DOTALL);
    private static final String READ_ONLY = ":ro";

    // Says nothing that is not so without, and what comes before it is a name as it is.
    private static final String READ_WRITE = ":rw";

    // Before Solo5 0.6 a guest had one disk and one interface, and options without a name.
    private static final String NAMELESS = "";

    // solo5-hvt takes whatever comes after the name for the path.
    private final boolean takesReadOnly;
    private final Map<String, Block> blocks = new LinkedHashMap<>();
    private final Map<String, Net> nets = new LinkedHashMap<>();
    private final Set<String> seen = new HashSet<>();

    /** Takes the options of {@code jukvm run}. */
    DeviceOptions() {
        this(true);
    }

    private DeviceOptions(boolean takesReadOnly) {
        this.takesReadOnly = takesReadOnly;
    }

    /** Returns one that takes paths as solo5-hvt does. */
    static DeviceOptions solo5() {
        return new DeviceOptions(false);
    }

    /** What is asked for one block device. */
    static final class Block {
        @Nullable String path;
        boolean readOnly;
        int sectorSize = BlockDevice.MIN_BLOCK_SIZE;
        BlockFile.@Nullable Sync sync;
    }

    /** What is asked for one network device. */
    static final class Net {
        @Nullable String tap;
        @Nullable MacAddress mac;
        @Nullable String capture;
    }

    /**
     * Notes an option.
     *
     * @return false if it does not attach devices
     * @throws ConfigException if its name or value is wrong
     */
    boolean add(String option) {
        Matcher form = FORM.matcher(option);
        if (!form.matches()) {
            return false;
        }
        String kind = form.group(1);
        String value = form.group(3);
        String name = name(option, kind, form.group(2));
        boolean isDisk = kind.equals("block") || kind.equals("disk");
        if (value == null || value.isEmpty() || isDisk && path(value).isEmpty()) {
            throw new ConfigException(option + ": needs a value: " + usage(kind));
        }
        if (!seen.add(kind + ':' + name)) {
            throw new ConfigException(option + ": is given twice");
        }
        switch (kind) {
            case "block", "disk" -> setPath(block(name), value);
            case "block-sector-size" -> block(name).sectorSize = sectorSize(option, value);
            case "block-sync" -> block(name).sync = sync(option, value);
            case "net" -> net(name).tap = value;
            case "net-mac" -> net(name).mac = mac(option, value);
            default -> net(name).capture = Conversions.path(value);
        }
        return true;
    }

    private static String name(String option, String kind, @Nullable String name) {
        boolean mayLack = kind.equals("disk") || kind.equals("net") || kind.equals("net-mac");
        if (name == null && mayLack) {
            return NAMELESS;
        }
        if (name == null || kind.equals("disk") || !name.matches("[A-Za-z0-9]{1,67}")) {
            throw new ConfigException(
                    option + ": device names are 1 to 67 letters and digits: " + usage(kind));
        }
        return name;
    }

    /** Returns whether a word is an option that attaches devices, be it right or wrong. */
    static boolean isOne(String word) {
        return FORM.matcher(word).matches();
    }

    /**
     * Returns the paths that options for disks may mean, with the options' names: also of options
     * that are wrong, so that nothing is ever lost by a mistake.
     */
    static Map<String, String> disks(Iterable<String> options) {
        Map<String, String> paths = new LinkedHashMap<>();
        for (String option : options) {
            Matcher form = FORM.matcher(option);
            String value = form.matches() ? form.group(3) : null;
            if (value != null && (form.group(1).equals("block") || form.group(1).equals("disk"))) {
                String disk = option.substring(0, option.length() - value.length() - 1);
                paths.put(value, disk);
                paths.put(path(value), disk);
            }
        }
        return paths;
    }

    /** Returns how each option is spelled, by its name without those of devices. */
    static Map<String, String> usages() {
        Map<String, String> usages = new LinkedHashMap<>();
        for (String kind : KINDS.split("\\|", -1)) {
            usages.put("--" + kind, usage(kind));
        }
        return usages;
    }

    private static String usage(String kind) {
        return switch (kind) {
            case "block" -> "--block:NAME=PATH[:ro]";
            case "block-sector-size" -> "--block-sector-size:NAME=BYTES";
            case "block-sync" -> "--block-sync:NAME=none|exit|dsync";
            case "net" -> "--net:NAME=TAP, --net:NAME=@FD";
            case "net-mac" -> "--net-mac:NAME=xx:xx:xx:xx:xx:xx";
            case "net-pcap" -> "--net-pcap:NAME=FILE";
            default -> "--disk=PATH[:ro]";
        };
    }

    private Block block(String name) {
        return blocks.computeIfAbsent(name, unused -> new Block());
    }

    private Net net(String name) {
        return nets.computeIfAbsent(name, unused -> new Net());
    }

    private void setPath(Block block, String value) {
        block.readOnly = takesReadOnly && value.endsWith(READ_ONLY);
        block.path = takesReadOnly ? path(value) : value;
    }

    private static String path(String value) {
        return value.endsWith(READ_ONLY) || value.endsWith(READ_WRITE)
                ? value.substring(0, value.length() - READ_ONLY.length())
                : value;
    }

    private static int sectorSize(String option, String value) {
        if (!value.matches("[0-9]{1,9}") || !AttachedBlock.isBlockSize(Integer.parseInt(value))) {
            throw new ConfigException(option + ": " + AttachedBlock.blockSizeRule());
        }
        return Integer.parseInt(value);
    }

    private static BlockFile.Sync sync(String option, String value) {
        return switch (value) {
            case "none" -> BlockFile.Sync.NONE;
            case "exit" -> BlockFile.Sync.EXIT;
            case "dsync" -> BlockFile.Sync.DSYNC;
            default ->
                    throw new ConfigException(
                            option + ": '" + value + "' is not none, exit or dsync");
        };
    }

    private static MacAddress mac(String option, String value) {
        MacAddress mac =
                MacAddress.parse(value)
                        .orElseThrow(
                                () ->
                                        new ConfigException(
                                                option
                                                        + ": Malformed mac address: need six"
                                                        + " octets in hexadecimal, such as"
                                                        + " 02:00:00:00:00:01"));
        if (mac.isMulticast()) {
            throw new ConfigException(
                    option + ": is a multicast address; the first octet must be even");
        }
        return mac.bits() == 0 ? MacAddress.random() : mac;
    }

    /**
     * Gives the options without a name those of the devices they mean: the only ones of their type
     * that the guest declares.
     *
     * @throws ConfigException if the guest declares several, or a device has no backing
     */
    void resolve(GuestImage image) {
        resolve(image, blocks, DeviceType.BLOCK_BASIC, "--disk", "disk");
        resolve(image, nets, DeviceType.NET_BASIC, "--net", "net");
        blocks.forEach(
                (name, block) -> {
                    if (block.path == null) {
                        throw new ConfigException(
                                "device '" + name + "' has no file; add --block:" + name + "=PATH");
                    }
                    if (block.readOnly && block.sync != null) {
                        throw new ConfigException(
                                "device '" + name + "' is read-only and has nothing to sync");
                    }
                });
        nets.forEach(
                (name, net) -> {
                    if (net.tap == null) {
                        throw new ConfigException(
                                "device '"
                                        + name
                                        + "' has no interface; add --net:"
                                        + name
                                        + "=TAP");
                    }
                });
    }

    private static <T> void resolve(
            GuestImage image, Map<String, T> given, DeviceType type, String option, String legacy) {
        T nameless = given.remove(NAMELESS);
        if (nameless == null) {
            return;
        }
        String name = legacy;
        if (image.dialect().isMarked()) {
            String[] declared =
                    image.manifest().devices().stream()
                            .filter(device -> device.type() == type)
                            .map(Manifest.Device::name)
                            .toArray(String[]::new);
            if (declared.length > 1) {
                throw new ConfigException(
                        option
                                + ": the guest declares "
                                + declared.length
                                + " devices of type "
                                + type
                                + ": "
                                + String.join(", ", declared)
                                + "; name one");
            }
            name = declared.length == 1 ? declared[0] : legacy;
        }
        if (given.putIfAbsent(name, nameless) != null) {
            throw new ConfigException(option + ": device '" + name + "' is given twice");
        }
    }

    /** Returns whether a device of this name was given a file or an interface. */
    boolean hasBacking(String name) {
        Block block = blocks.get(name);
        Net net = nets.get(name);
        return block != null && block.path != null || net != null && net.tap != null;
    }

    /** Returns the types of the devices by name. */
    Map<String, DeviceType> types() {
        Map<String, DeviceType> types = new LinkedHashMap<>();
        blocks.keySet().forEach(name -> types.put(name, DeviceType.BLOCK_BASIC));
        nets.keySet().forEach(name -> types.put(name, DeviceType.NET_BASIC));
        return types;
    }

    /** Returns the block devices by name. */
    Map<String, Block> blocks() {
        return blocks;
    }

    /** Returns the network devices by name. */
    Map<String, Net> nets() {
        return nets;
    }

    /** Returns the first of the options that attaches no devices, empty if there is none. */
    Optional<String> addAll(Iterable<String> options) {
        for (String option : options) {
            if (!add(option)) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }
}
