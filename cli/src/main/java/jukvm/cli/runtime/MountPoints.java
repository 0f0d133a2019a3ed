package jukvm.cli.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;

/**
 * The places in a container's root, a folder of its bundle, where things are mounted. The low-level
 * runtime makes those that are missing; but in a container with a user namespace it does so as the
 * user who is root there, and the folder is not that user's.
 */
final class MountPoints {
    private MountPoints() {}

    /**
     * Makes those that are not in anything else that is mounted.
     *
     * @param root the folder, in which nobody else writes
     * @param mounts as in the configuration
     */
    static void make(Path root, List<JsonObject> mounts) throws IOException {
        List<Path> made = new ArrayList<>();
        for (JsonObject mount : mounts) {
            Path at = root.resolve("." + mount.text("destination").orElse("/")).normalize();
            if (at.startsWith(root) && made.stream().noneMatch(at::startsWith)) {
                make(root, at, isFile(mount));
                made.add(at);
            }
        }
    }

    private static boolean isFile(JsonObject mount) {
        return mount.text("source").map(Path::of).filter(Files::isRegularFile).isPresent();
    }

    // Whoever the container's users are, they are to pass, whatever the engine's umask.
    private static void make(Path root, Path at, boolean isFile) throws IOException {
        Path folder = isFile ? at.resolve("..").normalize() : at;
        Files.createDirectories(folder);
        for (Path each = folder; !each.equals(root); each = each.resolve("..").normalize()) {
            Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        if (isFile && Files.notExists(at)) {
            Files.createFile(at);
        }
    }
}
