package jukvm.cli.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jukvm.error.ConfigException;

/**
 * A character device of the host that a container gets, readable and writable by its own user and
 * by nobody else.
 *
 * @param path on the host and in the container
 */
record DeviceNode(String path, long major, long minor) {
    private static final long OWNER_ONLY = 0600;

    /**
     * Returns a device of the host.
     *
     * @throws ConfigException if it is not there, with what to do
     */
    static DeviceNode of(String path) throws IOException {
        if (Files.notExists(Path.of(path))) {
            throw new ConfigException(
                    path + ": the host has no such device; load the kernel's module for it");
        }
        long device = ((Number) Files.getAttribute(Path.of(path), "unix:rdev")).longValue();
        // Source: sys/sysmacros.h, gnu_dev_major and gnu_dev_minor.
        return new DeviceNode(
                path,
                (device >>> 8 & 0xfff) | (device >>> 32 & ~0xfffL),
                (device & 0xff) | (device >>> 12 & ~0xffL));
    }

    /** Adds it to a container's devices, in place of one at the same path, and allows its use. */
    void addTo(JsonObject config) {
        JsonObject user = config.object("process").object("user");
        JsonObject linux = config.object("linux");
        List<JsonObject> devices = new ArrayList<>(linux.objects("devices"));
        devices.removeIf(device -> device.text("path").orElse("").equals(path));
        devices.add(
                new JsonObject()
                        .with("path", path)
                        .with("type", "c")
                        .with("major", major)
                        .with("minor", minor)
                        .with("fileMode", OWNER_ONLY)
                        .with("uid", user.number("uid").orElse(0L))
                        .with("gid", user.number("gid").orElse(0L)));
        linux.with("devices", devices);
        JsonObject resources = linux.object("resources");
        List<JsonObject> rules = new ArrayList<>(resources.objects("devices"));
        rules.add(
                new JsonObject()
                        .with("allow", true)
                        .with("type", "c")
                        .with("major", major)
                        .with("minor", minor)
                        .with("access", "rw"));
        resources.with("devices", rules);
    }
}
