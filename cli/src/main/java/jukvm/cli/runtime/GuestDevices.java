package jukvm.cli.runtime;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jukvm.abi.DeviceType;
import jukvm.abi.Manifest;
import jukvm.error.ConfigException;
import jukvm.error.ImageException;
import jukvm.image.ImageNotes;

/**
 * What a guest's manifest declares, found in the container that it is to run in: a block device is
 * a file or device that the container has by its name, a network device is an interface of the
 * container's, in order. What the container has is hostile, what its configuration says is not.
 */
final class GuestDevices {
    /** Where the container has its guest's block devices, by their names. */
    static final String BLOCKS = "/jukvm/block/";

    /** What an annotation begins with that names another place; the device's name follows. */
    static final String ANNOTATION = "jukvm.block.";

    // Urunc's, for the only one.
    private static final String ONLY_BLOCK = "block";

    private static final String READ_ONLY = ":ro";
    private static final String READ_WRITE = ":rw";

    private final ContainerRoot root;
    private final JsonObject config;
    private final List<Manifest.Device> blocks;
    private final List<Manifest.Device> interfaces;

    /**
     * Reads the guest's manifest.
     *
     * @param image the image's root
     * @param root what the container's processes find
     * @param config of its bundle
     * @throws IOException if the host cannot read the guest
     */
    GuestDevices(Path image, ContainerRoot root, GuestChoice guest, JsonObject config)
            throws IOException {
        this.root = root;
        this.config = config;
        Manifest manifest = manifest(RootPath.of(image, guest.path()));
        this.blocks = ofType(manifest, DeviceType.BLOCK_BASIC);
        this.interfaces = ofType(manifest, DeviceType.NET_BASIC);
    }

    private static List<Manifest.Device> ofType(Manifest manifest, DeviceType type) {
        return manifest.devices().stream().filter(device -> device.type() == type).toList();
    }

    /** Returns the network devices, in order. */
    List<Manifest.Device> interfaces() {
        return interfaces;
    }

    // A manifest that is damaged is the run's to refuse, and one of before Solo5 0.6 is not there.
    private static Manifest manifest(RootPath guest) throws IOException {
        Optional<FileChannel> found = guest.open();
        if (found.isEmpty()) {
            return Manifest.empty();
        }
        try (FileChannel file = found.get()) {
            return ImageNotes.of(file).manifest().map(Manifest::parse).orElse(Manifest.empty());
        } catch (ImageException e) {
            return Manifest.empty();
        }
    }

    /**
     * Returns the options of {@code jukvm run} that attach them.
     *
     * @param urunc annotations by urunc's names
     * @throws ConfigException if the container lacks one, with what to do
     */
    List<String> options(Map<String, String> urunc) {
        Map<String, String> places = annotated();
        if (blocks.size() == 1 && urunc.containsKey(ONLY_BLOCK)) {
            places.putIfAbsent(blocks.get(0).name(), urunc.get(ONLY_BLOCK));
        }
        List<String> options = new ArrayList<>();
        for (Manifest.Device device : blocks) {
            String place = places.remove(device.name());
            options.add(
                    "--block:"
                            + device.name()
                            + "="
                            + file(device, place == null ? BLOCKS + device.name() : place));
        }
        for (String name : places.keySet()) {
            throw new ConfigException(
                    "annotation " + ANNOTATION + name + ": the guest declares no such device");
        }
        options.addAll(GuestNetwork.options(interfaces));
        return options;
    }

    private Map<String, String> annotated() {
        Map<String, String> places = new LinkedHashMap<>();
        JsonObject annotations = config.object("annotations");
        for (String key : annotations.keys()) {
            if (key.startsWith(ANNOTATION)) {
                places.put(key.substring(ANNOTATION.length()), annotations.text(key).orElse(""));
            }
        }
        return places;
    }

    private String file(Manifest.Device device, String place) {
        boolean asksReadOnly = place.endsWith(READ_ONLY);
        String asked =
                asksReadOnly ? place.substring(0, place.length() - READ_ONLY.length()) : place;
        Optional<JsonObject> node = node(asked);
        if (node.isPresent()) {
            return asked + (asksReadOnly || !isWritable(node.get()) ? READ_ONLY : READ_WRITE);
        }
        RootPath path = RootPath.of(root, asked);
        if (!path.isFile()) {
            throw new ConfigException(
                    "the guest declares device "
                            + device
                            + ", but the container has no file "
                            + asked
                            + "; mount one there, or name another by annotation "
                            + ANNOTATION
                            + device.name());
        }
        return Bundle.IMAGE
                + path.inside()
                + (asksReadOnly || root.isReadOnly(path) ? READ_ONLY : READ_WRITE);
    }

    // A block device that the engine makes in the container's own root, with the rights it has.
    private Optional<JsonObject> node(String path) {
        return config.object("linux").objects("devices").stream()
                .filter(device -> device.text("type").orElse("").equals("b"))
                .filter(device -> device.text("path").orElse("").equals(path))
                .findFirst();
    }

    private boolean isWritable(JsonObject node) {
        return config.object("linux").object("resources").objects("devices").stream()
                .filter(rule -> rule.number("major").equals(node.number("major")))
                .filter(rule -> rule.number("minor").equals(node.number("minor")))
                .reduce((earlier, later) -> later)
                .map(rule -> rule.text("access").orElse("").contains("w"))
                .orElse(true);
    }
}
