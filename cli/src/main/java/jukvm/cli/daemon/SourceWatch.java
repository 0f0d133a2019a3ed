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
import org.jspecify.annotations.Nullable;

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

    private final @Nullable WatchService changes;
    private volatile boolean changed;

    private SourceWatch(@Nullable WatchService changes) {
        this.changes = changes;
    }

    /** Returns one for a program that was not built here. */
    static SourceWatch none() {
        return new SourceWatch(null);
    }

    /**
     * Returns one for a tree.
     *
     * @param stamp a file that was made when the build began; beside it is what else was noted
     * @throws IOException if the tree cannot be watched
     */
    static SourceWatch of(Path tree, Path stamp) throws IOException {
        WatchService changes = FileSystems.getDefault().newWatchService();
        SourceWatch watch = new SourceWatch(changes);
        FileTime built = Files.getLastModifiedTime(stamp);
        Path future = stamp.resolveSibling(".future");
        SimpleFileVisitor<Path> visitor =
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes it)
                            throws IOException {
                        if (folder.endsWith("target") || folder.endsWith("src/test")) {
                            return FileVisitResult.SKIP_SUBTREE;
                        }
                        folder.register(changes, ANY);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes it)
                            throws IOException {
                        FileTime time = it.lastModifiedTime();
                        watch.changed |=
                                time.compareTo(built) > 0
                                        && !isNoted(future.resolve(tree.relativize(file)), time);
                        return FileVisitResult.CONTINUE;
                    }
                };
        for (String source : SOURCES) {
            Files.walkFileTree(tree.resolve(source), visitor);
        }
        return watch;
    }

    // The launcher notes the times of sources that were from the future when they were built.
    private static boolean isNoted(Path note, FileTime time) throws IOException {
        return Files.exists(note) && Files.getLastModifiedTime(note).equals(time);
    }

    /** Returns whether a source has changed, without waiting. */
    boolean haveChanged() {
        if (!changed && changes != null) {
            changed = changes.poll() != null;
        }
        return changed;
    }
}
