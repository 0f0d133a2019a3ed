package jukvm.cli.runtime;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import jukvm.error.ConfigException;

/**
 * A path as a process means it whose root is a given folder: links in it lead from that root, and
 * {@code ..} does not leave it. Links and names are hostile; nothing outside the folder is opened
 * or looked at. The folder must not be changed meanwhile: a container's is not before it runs.
 */
final class RootPath {
    private static final int MAX_LINKS = 40; // As many as the kernel follows.

    private final ContainerRoot root;
    private final String inside;

    private RootPath(ContainerRoot root, List<String> names) {
        this.root = root;
        this.inside = inside(names);
    }

    private static String inside(List<String> names) {
        return "/" + String.join("/", names);
    }

    /**
     * Follows a path.
     *
     * @param root the folder, which is not itself followed
     * @param path from the root, whether it begins with a slash or not; what of it is not there
     *     counts as it stands
     * @throws ConfigException if links lead in a circle
     */
    static RootPath of(Path root, String path) {
        return of(new ContainerRoot(root, false), path);
    }

    /**
     * Follows a path, also into what is mounted there.
     *
     * @param path from the root, whether it begins with a slash or not; what of it is not there
     *     counts as it stands
     * @throws ConfigException if links lead in a circle
     */
    static RootPath of(ContainerRoot root, String path) {
        try {
            return new RootPath(root, follow(root, path));
        } catch (IOException | InvalidPathException e) {
            throw new ConfigException(path + ": cannot be followed in the container's root: " + e);
        }
    }

    private static List<String> follow(ContainerRoot root, String path) throws IOException {
        List<String> names = new ArrayList<>();
        Deque<String> left = new ArrayDeque<>(List.of(path.split("/", -1)));
        int links = 0;
        while (!left.isEmpty()) {
            String name = left.removeFirst();
            if (name.isEmpty() || name.equals(".")) {
                continue;
            }
            if (name.equals("..")) {
                if (!names.isEmpty()) {
                    names.remove(names.size() - 1);
                }
                continue;
            }
            names.add(name);
            Path next = root.host(inside(names));
            if (!Files.isSymbolicLink(next)) {
                continue;
            }
            names.remove(names.size() - 1);
            if (++links > MAX_LINKS) {
                throw new ConfigException(path + ": more than " + MAX_LINKS + " symbolic links");
            }
            String target = Files.readSymbolicLink(next).toString();
            if (target.startsWith("/")) {
                names.clear();
            }
            List<String> more = List.of(target.split("/", -1));
            for (int at = more.size() - 1; at >= 0; at--) {
                left.addFirst(more.get(at));
            }
        }
        return names;
    }

    /** Returns the path from the root, without links, beginning with a slash. */
    String inside() {
        return inside;
    }

    /** Returns whether it is that of a regular file. */
    boolean isFile() {
        return Files.isRegularFile(root.host(inside), LinkOption.NOFOLLOW_LINKS);
    }

    /** Opens the file for reading; empty unless it is there and a regular one. */
    Optional<FileChannel> open() throws IOException {
        // A FIFO would be waited for, a device be woken.
        return isFile()
                ? Optional.of(
                        FileChannel.open(
                                root.host(inside),
                                StandardOpenOption.READ,
                                LinkOption.NOFOLLOW_LINKS))
                : Optional.empty();
    }
}
