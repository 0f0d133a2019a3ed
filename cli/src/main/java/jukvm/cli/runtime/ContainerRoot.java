package jukvm.cli.runtime;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files that a container's processes find, as the host has them before the container runs: the
 * image's, and over them what the engine mounts. The engine's word for what it mounts is good; what
 * is in there is hostile, as the image is.
 *
 * <p>Not thread-safe.
 */
final class ContainerRoot {
    // Neither a file nor a folder with some: what stands for file systems that are yet to be made.
    private static final Path NOTHING = Path.of("/dev/null");

    private final Path image;
    private final boolean readOnly;
    private final Map<String, Mounted> mounts = new LinkedHashMap<>();

    private record Mounted(Path source, boolean readOnly) {}

    /**
     * Makes that of an image alone.
     *
     * @param image its root
     * @param readOnly whether the container may only read it
     */
    ContainerRoot(Path image, boolean readOnly) {
        this.image = image;
        this.readOnly = readOnly;
    }

    /**
     * Mounts a file or folder of the host, over what is there already.
     *
     * @param mount as in the configuration; links in its destination are followed
     * @param bundle where its source begins if that is relative
     * @return where it is mounted, without links
     */
    String mount(JsonObject mount, Path bundle) {
        String at = RootPath.of(this, mount.text("destination").orElse("/")).inside();
        mounts.keySet().removeIf(older -> isIn(older, at));
        mounts.put(at, new Mounted(source(mount, bundle), isReadOnly(mount)));
        return at;
    }

    private static Path source(JsonObject mount, Path bundle) {
        boolean isBound =
                mount.text("type").orElse("").equals("bind")
                        || mount.texts("options").contains("bind")
                        || mount.texts("options").contains("rbind");
        try {
            return isBound ? bundle.resolve(mount.text("source").orElse("")).toRealPath() : NOTHING;
        } catch (IOException e) {
            return NOTHING; // The low-level runtime will say why it cannot be mounted.
        }
    }

    private static boolean isReadOnly(JsonObject mount) {
        List<String> options = mount.texts("options");
        return options.contains("ro") || options.contains("rro");
    }

    private static boolean isIn(String path, String folder) {
        return path.equals(folder) || folder.equals("/") || path.startsWith(folder + "/");
    }

    /** Returns what is mounted, by where; the last counts that a path is in. */
    private String mountOf(String inside) {
        String longest = "";
        for (String at : mounts.keySet()) {
            if (isIn(inside, at) && at.length() > longest.length()) {
                longest = at;
            }
        }
        return longest;
    }

    /**
     * Returns where the host has a file of the container's.
     *
     * @param inside the path in the container, without links but the last
     */
    Path host(String inside) {
        String at = mountOf(inside);
        Mounted mounted = mounts.get(at);
        String rest = inside.substring(at.length()).replaceFirst("^/", "");
        return (mounted == null ? image : mounted.source).resolve(rest);
    }

    /** Returns whether the container may only read a file. */
    boolean isReadOnly(RootPath path) {
        Mounted mounted = mounts.get(mountOf(path.inside()));
        return mounted == null ? readOnly : mounted.readOnly;
    }
}
