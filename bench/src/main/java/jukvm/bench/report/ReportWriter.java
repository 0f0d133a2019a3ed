package jukvm.bench.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import jukvm.bench.result.Json;
import jukvm.bench.result.ResultFile;
import jukvm.bench.result.Results;
import jukvm.error.ConfigException;

/**
 * Writes a result directory: {@code results.json}, raw figures, the plots and {@code report.html}.
 * Files come into being whole under their names, or not at all.
 */
public final class ReportWriter {
    /** Name of the page in a result directory. */
    public static final String PAGE = "report.html";

    private ReportWriter() {}

    /**
     * Writes all files: the results first, then the page, so that what counts is kept if the rest
     * fails.
     *
     * @param directory made if it is not there
     * @param raw figures as texts by file name
     * @throws ConfigException if a file cannot be written
     */
    public static void write(Path directory, Results results, Map<String, String> raw) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw failed(directory, e);
        }
        write(directory.resolve(ResultFile.NAME), bytes(Json.of(results)));
        raw.forEach((name, text) -> write(directory.resolve(name), bytes(text)));
        List<RowPlot> plots = RowPlots.of(results);
        write(directory.resolve(PAGE), bytes(Page.of(results, plots)));
        RowPlots.NAMES.forEach(name -> delete(directory.resolve(name + ".svg")));
        plots.forEach(plot -> write(directory.resolve(plot.name() + ".svg"), bytes(plot.wide())));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void write(Path file, byte[] bytes) {
        Path unfinished = file.resolveSibling("." + file.getFileName() + ".unfinished");
        try {
            Files.write(unfinished, bytes);
            move(unfinished, file);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(unfinished);
            } catch (IOException left) {
                e.addSuppressed(left);
            }
            throw failed(file, e);
        }
    }

    // A plot of other results that were here before.
    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failed(file, e);
        }
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static ConfigException failed(Path file, IOException e) {
        String cause = Objects.toString(e.getMessage());
        if (e instanceof FileSystemException known) {
            String said = known.getReason() == null ? name(known) : known.getReason();
            cause = Objects.requireNonNull(said);
        }
        return new ConfigException(
                file + ": cannot write: " + cause + ". Name another directory with --out.");
    }

    private static String name(FileSystemException e) {
        return e instanceof NoSuchFileException
                ? "no such directory"
                : e.getClass().getSimpleName();
    }
}
