package jukvm.image;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.StringJoiner;
import jukvm.abi.DeviceType;
import jukvm.abi.Manifest;
import jukvm.error.ConfigException;

/** Holds the devices given to a guest against those it declares. */
final class DeviceMatch {
    private final GuestImage image;
    private final Map<String, DeviceType> given;

    DeviceMatch(GuestImage image, Map<String, DeviceType> given) {
        this.image = image;
        this.given = given;
    }

    void check() {
        if (image.dialect().isMarked()) {
            checkDeclared();
        } else {
            checkUnmarked();
        }
    }

    private void checkDeclared() {
        Map<String, DeviceType> declared = new LinkedHashMap<>();
        for (Manifest.Device device : image.manifest().devices()) {
            declared.put(device.name(), device.type());
            DeviceType type = given.get(device.name());
            if (type == null) {
                throw mismatch(
                        "device " + device + " is declared in the manifest but not attached");
            }
            if (type != device.type()) {
                throw mismatch(
                        "device '"
                                + device.name()
                                + "' is declared as "
                                + device.type()
                                + ", given as "
                                + type);
            }
        }
        for (String name : given.keySet()) {
            if (!declared.containsKey(name)) {
                throw mismatch("device '" + name + "' is not declared in the manifest");
            }
        }
    }

    private void checkUnmarked() {
        for (DeviceType type : DeviceType.values()) {
            if (Collections.frequency(given.values(), type) > 1) {
                throw new ConfigException(
                        image.name()
                                + ": a guest of "
                                + image.dialect()
                                + " has at most one block and one network device. Given: "
                                + givenNames());
            }
        }
    }

    private ConfigException mismatch(String fact) {
        StringJoiner declared = new StringJoiner(", ");
        StringJoiner calls = new StringJoiner(" ");
        for (Manifest.Device device : image.manifest().devices()) {
            declared.add(device.toString());
            calls.add(device.type().kind().call(device.name()));
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
                        + (none ? "Run it without devices" : "Use " + calls));
    }

    private String givenNames() {
        StringJoiner names = new StringJoiner(", ");
        given.forEach((name, type) -> names.add("'" + name + "' (" + type + ")"));
        return given.isEmpty() ? "none" : names.toString();
    }
}
