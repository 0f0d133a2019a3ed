package jukvm.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import jukvm.abi.DeviceType;
import jukvm.abi.Manifest;
import jukvm.device.AttachedDevice;
import jukvm.device.Console;
import jukvm.device.Devices;
import jukvm.device.Notices;
import jukvm.device.WallClock;
import jukvm.error.ConfigException;
import jukvm.image.GuestImage;
import jukvm.io.Poller;

/** The devices given to a guest, to be matched with those that it declares. */
public final class GivenDevices {
    private final Map<String, DeviceType> types = new LinkedHashMap<>();
    private final Map<String, Object> devices = new LinkedHashMap<>();

    GivenDevices copy() {
        GivenDevices copy = new GivenDevices();
        copy.types.putAll(types);
        copy.devices.putAll(devices);
        return copy;
    }

    /**
     * Adds one.
     *
     * @param device as its kind wants it
     * @throws ConfigException if there is one of this name
     */
    public void add(DeviceType type, String name, Object device) {
        if (types.putIfAbsent(name, type) != null) {
            throw new ConfigException("device '" + name + "' is given twice");
        }
        devices.put(name, device);
    }

    /** Returns what was given, by name. */
    public Map<String, Object> objects() {
        return Collections.unmodifiableMap(devices);
    }

    /** Returns whether there is a device of this type among them. */
    boolean include(DeviceType type) {
        return types.containsValue(type);
    }

    /**
     * Attaches each to what the guest declares.
     *
     * @throws ConfigException if one is missing, is of the wrong type, is not declared, or is
     *     impossible in itself; with all that the guest declares and the calls that would do
     */
    Devices attach(
            GuestImage image, Console console, WallClock clock, Poller poller, Notices notices) {
        image.requireDevices(types);
        Map<Integer, AttachedDevice> attached = new LinkedHashMap<>();
        if (image.dialect().isMarked()) {
            for (Manifest.Device declared : image.manifest().devices()) {
                AttachedDevice device = attach(declared.type(), declared.name(), notices, poller);
                attached.put(declared.handle(), device);
            }
        } else {
            // They declare nothing and have one of a type at most, without a handle.
            for (Map.Entry<String, DeviceType> entry : types.entrySet()) {
                DeviceType type = entry.getValue();
                attached.put(type.number(), attach(type, entry.getKey(), notices, poller));
            }
        }
        return new Devices(console, clock, poller, attached);
    }

    private AttachedDevice attach(DeviceType type, String name, Notices notices, Poller poller) {
        Object device = Objects.requireNonNull(devices.get(name));
        return type.kind().attach(name, device, notices, poller);
    }
}
