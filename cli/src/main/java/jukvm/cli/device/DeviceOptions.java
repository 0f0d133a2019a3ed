package jukvm.cli.device;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Function;
import jukvm.abi.DeviceType;
import jukvm.abi.Manifest;
import jukvm.device.MacAddress;
import jukvm.device.PublishedPort;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;

/**
 * The options that attach devices, spelled as solo5-hvt spells them, with the device's name in the
 * option's. Nothing is opened here. What options there are, {@link AskedDevice} knows.
 */
public final class DeviceOptions {
    // Before Solo5 0.6 a guest had one disk and one interface, and options without a name.
    private static final String NAMELESS = "";

    private final boolean asSolo5;
    private final Map<DeviceType, Map<String, AskedDevice>> asked = new TreeMap<>();
    private final Set<String> seen = new HashSet<>();

    /** Takes the options of {@code jukvm run}. */
    public DeviceOptions() {
        this(false);
    }

    private DeviceOptions(boolean asSolo5) {
        this.asSolo5 = asSolo5;
    }

    /** Returns one that takes values as solo5-hvt does. */
    public static DeviceOptions solo5() {
        return new DeviceOptions(true);
    }

    /**
     * Notes an option.
     *
     * @return false if it does not attach devices
     * @throws ConfigException if its name or value is wrong
     */
    public boolean add(String word) {
        Optional<AskedDevice.Form> form = AskedDevice.Form.of(word);
        form.ifPresent(parts -> add(word, parts));
        return form.isPresent();
    }

    private void add(String word, AskedDevice.Form form) {
        String name = name(word, form);
        String value = form.value();
        if (value == null || value.isEmpty() || form.paths().contains("")) {
            throw new ConfigException(word + ": needs a value: " + form.usage());
        }
        if (!seen.add(form.option() + ':' + name)) {
            throw new ConfigException(word + ": is given twice");
        }
        DeviceType type = form.kind().type();
        asked.computeIfAbsent(type, unused -> new LinkedHashMap<>())
                .computeIfAbsent(name, unused -> AskedDevice.of(type))
                .set(form.option(), word, value, asSolo5);
    }

    private static String name(String word, AskedDevice.Form form) {
        String name = form.name();
        if (name == null && form.kind().nameless().contains(form.option())) {
            return NAMELESS;
        }
        boolean takesName = form.usage().contains(":NAME");
        if (name == null || !takesName || !Manifest.isName(name)) {
            throw new ConfigException(
                    word + ": device names are 1 to 67 letters and digits: " + form.usage());
        }
        return name;
    }

    /** Returns whether a word is an option that attaches devices, be it right or wrong. */
    public static boolean isOne(String word) {
        return AskedDevice.Form.of(word).isPresent();
    }

    /**
     * Returns the paths that options may mean as files of the guest's, with the options' names:
     * also of options that are wrong, so that nothing is ever lost by a mistake.
     */
    public static Map<String, String> disks(Iterable<String> options) {
        Map<String, String> paths = new LinkedHashMap<>();
        for (String option : options) {
            AskedDevice.Form form = AskedDevice.Form.of(option).orElse(null);
            String value = form == null ? null : form.value();
            if (form != null && value != null) {
                String disk = option.substring(0, option.length() - value.length() - 1);
                form.paths().forEach(path -> paths.put(path, disk));
            }
        }
        return paths;
    }

    /** Returns how each option is spelled, by its name without those of devices. */
    public static Map<String, String> usages() {
        Map<String, String> usages = new LinkedHashMap<>();
        for (AskedDevice kind : AskedDevice.kinds()) {
            kind.usages().forEach((option, usage) -> usages.put("--" + option, usage));
        }
        return usages;
    }

    /**
     * Gives the options without a name those of the devices they mean: the only ones of their type
     * that the guest declares.
     *
     * @throws ConfigException if the guest declares several, or a device has no backing
     */
    public void resolve(GuestImage image) {
        asked.forEach((type, given) -> resolve(image, given, type));
        asked.values().forEach(given -> given.forEach((name, device) -> device.check(name)));
    }

    private static void resolve(GuestImage image, Map<String, AskedDevice> given, DeviceType type) {
        AskedDevice nameless = given.remove(NAMELESS);
        if (nameless == null) {
            return;
        }
        String legacy = nameless.nameless().get(0);
        String option = "--" + legacy;
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

    /**
     * Has ports of the host's lead to the guest's only network that they can lead to.
     *
     * @throws ConfigException if it has none or several
     */
    public void publish(List<PublishedPort> ports) {
        List<AskedNet> users =
                asked(DeviceType.NET_BASIC).values().stream()
                        .filter(AskedNet.class::isInstance)
                        .map(AskedNet.class::cast)
                        .filter(AskedNet::isUser)
                        .toList();
        if (!ports.isEmpty() && users.size() != 1) {
            throw new ConfigException(
                    users.isEmpty()
                            ? "--publish: leads to a device that is attached by --net:NAME=user"
                            : "--publish: does not say which of " + users.size() + " networks");
        }
        users.forEach(user -> user.publish(ports));
    }

    /**
     * Has interfaces keep the hardware addresses that their guest knows, unless others are asked
     * for.
     *
     * @param known the address by the interface's name
     */
    public void keepMacs(Function<String, Optional<MacAddress>> known) {
        asked(DeviceType.NET_BASIC)
                .forEach(
                        (name, device) ->
                                known.apply(name).ifPresent(mac -> ((AskedNet) device).keep(mac)));
    }

    /** Returns whether a device of this name was given a file or an interface. */
    public boolean hasBacking(String name) {
        for (Map<String, AskedDevice> given : asked.values()) {
            AskedDevice device = given.get(name);
            if (device != null && device.hasBacking()) {
                return true;
            }
        }
        return false;
    }

    /** Returns the types of the devices by name. */
    public Map<String, DeviceType> types() {
        Map<String, DeviceType> types = new LinkedHashMap<>();
        asked.forEach((type, given) -> given.keySet().forEach(name -> types.put(name, type)));
        return types;
    }

    /** Returns what is asked for the devices of a type, by name. */
    public Map<String, AskedDevice> asked(DeviceType type) {
        return asked.getOrDefault(type, Map.of());
    }

    /** Does something with the name of each device and what is asked for it. */
    void forEach(BiConsumer<String, AskedDevice> action) {
        asked.values().forEach(given -> given.forEach(action));
    }

    /** Returns the first of the options that attaches no devices, empty if there is none. */
    public Optional<String> addAll(Iterable<String> options) {
        for (String option : options) {
            if (!add(option)) {
                return Optional.of(option);
            }
        }
        return Optional.empty();
    }
}
