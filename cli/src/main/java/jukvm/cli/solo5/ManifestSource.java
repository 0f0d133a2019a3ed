package jukvm.cli.solo5;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import jukvm.abi.DeviceType;
import jukvm.abi.Manifest;
import jukvm.cli.solo5.JsonValue.Kind;
import jukvm.error.ConfigException;
import jukvm.text.Printable;

/** Reads manifests as they are written by hand, in JSON; checked as solo5-elftool checks them. */
final class ManifestSource {
    private static final String DEVICE = ".devices[...]";

    private static final Map<String, Kind> ROOT_KEYS =
            Map.of("type", Kind.STRING, "version", Kind.INTEGER, "devices", Kind.ARRAY);
    private static final Map<String, Kind> DEVICE_KEYS =
            Map.of("name", Kind.STRING, "type", Kind.STRING);

    private final String source;

    private ManifestSource(String source) {
        this.source = source;
    }

    /**
     * Reads a manifest.
     *
     * @param source name of the document, for messages
     * @param document in JSON; hostile
     * @throws ConfigException if it is not a manifest, with the line that is wrong
     */
    static Manifest parse(String source, byte[] document) {
        return new ManifestSource(source).manifest(JsonValue.read(source, document));
    }

    private Manifest manifest(JsonValue root) {
        expect(Kind.OBJECT, root, "(root)");
        Map<String, JsonValue> members = rootMembers(root);
        JsonValue type = member(members, "type", root, "missing .type");
        JsonValue version = member(members, "version", root, "missing .version");
        JsonValue devices = member(members, "devices", root, "missing .devices[]");
        if (!type.text().equals("solo5.manifest")) {
            throw at(type, ".type: invalid value, expected \"solo5.manifest\"");
        }
        BigInteger number = new BigInteger(version.text());
        if (!number.equals(BigInteger.ONE)) {
            String shown = Printable.of(number.toString());
            throw at(version, ".version: invalid version " + shown + ", expected 1");
        }
        if (devices.children().size() > Manifest.MAX_DEVICES) {
            throw at(devices, ".devices[]: too many entries, maximum " + Manifest.MAX_DEVICES);
        }
        return new Manifest(devices(devices));
    }

    private Map<String, JsonValue> rootMembers(JsonValue root) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        for (JsonValue member : root.children()) {
            expect(kind(ROOT_KEYS, member, "(root)"), member, "." + member.key());
            for (JsonValue device : member.children()) {
                expect(Kind.OBJECT, device, ".devices[]");
            }
            members.put(member.key(), member);
        }
        return members;
    }

    private List<Manifest.Device> devices(JsonValue array) {
        List<Manifest.Device> devices = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (JsonValue object : array.children()) {
            Manifest.Device device = device(object, devices.size() + 1);
            if (!names.add(device.name())) {
                throw at(object, DEVICE + ": duplicate name: " + device.name());
            }
            devices.add(device);
        }
        return devices;
    }

    private Manifest.Device device(JsonValue object, int handle) {
        Map<String, JsonValue> members = new LinkedHashMap<>();
        for (JsonValue member : object.children()) {
            expect(kind(DEVICE_KEYS, member, DEVICE), member, DEVICE);
            members.put(member.key(), member);
        }
        JsonValue name = member(members, "name", object, DEVICE + ": missing .name");
        checkName(name);
        JsonValue type = member(members, "type", object, DEVICE + ": missing .type");
        for (DeviceType known : DeviceType.values()) {
            if (known.name().equals(type.text())) {
                return new Manifest.Device(handle, name.text(), known);
            }
        }
        // It becomes part of a C program, where any other text could mean anything.
        String known =
                Arrays.stream(DeviceType.values())
                        .map(expected -> '"' + expected.name() + '"')
                        .collect(Collectors.joining(" or "));
        throw at(type, DEVICE + ": .type: invalid value, expected " + known);
    }

    private void checkName(JsonValue name) {
        if (name.text().isEmpty()) {
            throw at(name, DEVICE + ": .name may not be empty");
        }
        if (name.text().length() > Manifest.MAX_NAME) {
            throw at(name, DEVICE + ": name too long");
        }
        if (!Manifest.isName(name.text())) {
            throw at(name, DEVICE + ": name is not alphanumeric");
        }
    }

    private Kind kind(Map<String, Kind> keys, JsonValue member, String where) {
        Kind kind = keys.get(member.key());
        if (kind == null) {
            throw at(member, where + ": unknown key: " + Printable.of(member.key()));
        }
        return kind;
    }

    private JsonValue member(
            Map<String, JsonValue> members, String key, JsonValue object, String missing) {
        JsonValue member = members.get(key);
        if (member == null) {
            throw at(object, missing);
        }
        return member;
    }

    private void expect(Kind kind, JsonValue value, String where) {
        if (value.kind() != kind) {
            throw at(value, where + ": expected " + kind + ", got " + value.kind());
        }
    }

    private ConfigException at(JsonValue value, String fact) {
        return new ConfigException(source + ":" + value.line() + ": " + fact);
    }
}
