package jukvm.tests.packages;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** A copy of a tree as it is before anything is built. */
final class SourceCopy extends SimpleFileVisitor<Path> {
    private final Path from;
    private final Path to;

    private SourceCopy(Path from, Path to) {
        this.from = from;
        this.to = to;
    }

    /** Copies a tree into a folder. */
    static void of(Path from, Path to) throws IOException {
        Files.walkFileTree(from, new SourceCopy(from, to));
    }

    @Override
    public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
            throws IOException {
        String name = directory.getFileName().toString();
        if (name.equals("target") || name.equals(".git")) {
            return FileVisitResult.SKIP_SUBTREE;
        }
        Files.createDirectories(copy(directory));
        return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
        Files.copy(file, copy(file));
        return FileVisitResult.CONTINUE;
    }

    private Path copy(Path file) {
        return to.resolve(from.relativize(file).toString());
    }
}
