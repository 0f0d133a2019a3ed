package jukvm.bench.experiment;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.stream.Stream;
import jukvm.error.ConfigException;

/** The directory that results go to: made and tried before anything is measured. */
final class ResultDirectory {
    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);
    private static final long NEEDED = 16L << 20;

    private ResultDirectory() {}

    /** Returns a name that nobody has used before, for who gives none. */
    static Path named() {
        return Path.of("jukvm-bench-" + STAMP.format(LocalDateTime.now(ZoneId.systemDefault())));
    }

    /**
     * Makes it.
     *
     * @throws ConfigException if it cannot be written to, has no room, or has something in it
     */
    static Path make(Path directory) {
        try {
            if (!Files.isDirectory(directory)) { // Which one that a link leads to is, too.
                Files.createDirectories(directory);
            }
            try (Stream<Path> entries = Files.list(directory)) {
                if (entries.findAny().isPresent()) {
                    throw new ConfigException(
                            "--out: "
                                    + directory
                                    + " is not empty. Name another directory, or one to be made.");
                }
            }
            Files.delete(Files.createTempFile(directory, "", ".tmp"));
            long free = Files.getFileStore(directory).getUsableSpace();
            if (free < NEEDED) {
                throw new ConfigException(
                        "--out: "
                                + directory
                                + ": its disk has "
                                + (free >> 10)
                                + " KiB free, results need "
                                + (NEEDED >> 10)
                                + ". Free some, or name a directory elsewhere.");
            }
            return directory;
        } catch (FileAlreadyExistsException | NotDirectoryException e) {
            throw new ConfigException("--out: " + directory + " is a file, need a directory");
        } catch (IOException e) {
            throw new ConfigException(
                    "--out: "
                            + directory
                            + ": cannot be written: "
                            + cause(e)
                            + ". Name another directory.");
        }
    }

    private static String cause(IOException e) {
        if (e instanceof AccessDeniedException) {
            return "permission denied";
        }
        return e instanceof FileSystemException known && known.getReason() != null
                ? known.getReason()
                : e.toString();
    }
}
