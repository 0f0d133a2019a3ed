package jukvm.bench.result;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.stream.Stream;
import jukvm.error.ConfigException;

/** The directory that results go to. Its names of fields are those of the records. */
public final class ResultDirectory {
    /** Name of the document of {@link Results}. */
    public static final String NAME = "results.json";

    private static final DateTimeFormatter STAMP =
            DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);
    private static final long NEEDED = 16L << 20;

    private ResultDirectory() {}

    /** Returns a name that nobody has used before, for who gives none. */
    public static Path named() {
        return Path.of("jukvm-bench-" + STAMP.format(LocalDateTime.now(ZoneId.systemDefault())));
    }

    /**
     * Makes one and tries it, before anything is measured.
     *
     * @throws ConfigException if it cannot be written to, has no room, or has something in it
     */
    public static void make(Path directory) {
        String out = "--out: " + directory;
        try {
            if (!Files.isDirectory(directory)) { // Which one that a link leads to is, too.
                Files.createDirectories(directory);
            }
            try (Stream<Path> entries = Files.list(directory)) {
                if (entries.findAny().isPresent()) {
                    throw new ConfigException(
                            out + " is not empty. Name another directory, or one to be made.");
                }
            }
            Files.delete(Files.createTempFile(directory, "", ".tmp"));
            long free = Files.getFileStore(directory).getUsableSpace();
            if (free < NEEDED) {
                throw new ConfigException(
                        String.format(
                                "%s: its disk has %d KiB free, results need %d. Free some, or name"
                                        + " a directory elsewhere.",
                                out, free >> 10, NEEDED >> 10));
            }
        } catch (FileAlreadyExistsException | NotDirectoryException e) {
            throw new ConfigException(out + " is a file, need a directory");
        } catch (IOException e) {
            throw new ConfigException(
                    out + ": cannot be written: " + cause(e) + ". Name another directory.");
        }
    }

    /**
     * Writes a file of one, whole or not at all.
     *
     * @throws ConfigException if it cannot be written
     */
    public static void write(Path directory, String name, String text) {
        Path file = directory.resolve(name);
        Path unfinished = directory.resolve("." + name + ".unfinished");
        try {
            Files.writeString(unfinished, text);
            Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(unfinished);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw new ConfigException(
                    file + ": cannot write: " + cause(e) + ". Name another directory with --out.");
        }
    }

    /**
     * Reads the results of one.
     *
     * @throws ConfigException if there are none that this version can read
     */
    public static Results read(Path directory) {
        Path file = directory.resolve(NAME);
        try {
            JsonNode document = Json.MAPPER.readTree(Files.readString(file));
            if (!document.path("schema").isInt()) {
                throw new ConfigException(file + ": not a result document: no schema in it");
            }
            int schema = document.path("schema").intValue();
            if (schema != Results.SCHEMA) {
                throw new ConfigException(
                        String.format(
                                "%s: schema %d, this version reads %d. Measure again with jukvm"
                                        + " bench.",
                                file, schema, Results.SCHEMA));
            }
            return Json.MAPPER.treeToValue(document, Results.class);
        } catch (JacksonException e) {
            throw new ConfigException(file + ": not a result document: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new ConfigException(
                    directory
                            + ": no results there ("
                            + e.getMessage()
                            + "); name a directory that jukvm bench --out has written.");
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
