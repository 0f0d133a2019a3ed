package jukvm.cli.daemon;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Tells whether the sources of the tree that this program was built in have changed since, as the
 * launcher does at each start in a JVM of its own. Thread-safe.
 */
final class SourceWatch {
    private static final List<String> SOURCES =
            List.of("pom.xml", "bom", "native-stubs", "hypercalls", "monitor", "cli");
    private static final WatchEvent.Kind<?>[] ANY = {
        StandardWatchEventKinds.ENTRY_CREATE,
        StandardWatchEventKinds.ENTRY_DELETE,
        StandardWatchEventKinds.ENTRY_MODIFY
    };

    private final BooleanSupplier looks;
    private volatile boolean changed;

    private SourceWatch(BooleanSupplier looks) {
        this.looks = looks;
    }

    /** What is done with each folder of sources. */
    private interface FolderAction {
        void accept(Path folder) throws IOException;
    }

    /** Returns one for a program that was not built here. */
    static SourceWatch none() {
        return new SourceWatch(() -> false);
    }

    /**
     * Returns one for a tree.
     *
     * @param stamp a file that was made when the build began; beside it is what else was noted
     */
    static SourceWatch of(Path tree, Path stamp) {
        try {
            return watching(tree, stamp);
        } catch (IOException e) {
            // A user may have few watches (inotify(7)), and editors take them all.
            return looking(tree, stamp);
        }
    }

    private static SourceWatch watching(Path tree, Path stamp) throws IOException {
        WatchService changes = FileSystems.getDefault().newWatchService();
        try {
            SourceWatch watch = new SourceWatch(() -> changes.poll() != null);
            watch.changed = hasNewer(tree, stamp, folder -> folder.register(changes, ANY));
            return watch;
        } catch (IOException e) {
            changes.close();
            throw e;
        }
    }

    /** Returns one that needs no watches, but looks at all sources each time: milliseconds. */
    static SourceWatch looking(Path tree, Path stamp) {
        return new SourceWatch(
                () -> {
                    try {
                        return hasNewer(tree, stamp, folder -> {});
                    } catch (IOException e) {
                        return true; // One went away meanwhile, or the whole tree.
                    }
                });
    }

    private static boolean hasNewer(Path tree, Path stamp, FolderAction action) throws IOException {
        FileTime built = Files.getLastModifiedTime(stamp);
        Path future = stamp.resolveSibling(".future");
        AtomicBoolean newer = new AtomicBoolean();
        SimpleFileVisitor<Path> visitor =
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes it)
                            throws IOException {
                        if (folder.endsWith("target") || folder.endsWith("src/test")) {
                            return FileVisitResult.SKIP_SUBTREE;
                        }
                        action.accept(folder);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes it)
                            throws IOException {
                        FileTime time = it.lastModifiedTime();
                        if (time.compareTo(built) > 0
                                && !isNoted(future.resolve(tree.relativize(file)), time)) {
                            newer.set(true);
                        }
                        return FileVisitResult.CONTINUE;
                    }
                };
        for (String source : SOURCES) {
            Files.walkFileTree(tree.resolve(source), visitor);
        }
        return newer.get();
    }

    // The launcher notes the times of sources that were from the future when they were built.
    private static boolean isNoted(Path note, FileTime time) throws IOException {
        return Files.exists(note) && Files.getLastModifiedTime(note).equals(time);
    }

    /** Returns whether a source has changed, without waiting. */
    boolean haveChanged() {
        if (!changed) {
            changed = looks.getAsBoolean();
        }
        return changed;
    }
}
