package jukvm.bench.result;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import jukvm.error.ConfigException;

/** The document {@code results.json}: its names are those of the records, in snake case. */
public final class ResultFile {
    /** Name of the document in a result directory. */
    public static final String NAME = "results.json";

    private ResultFile() {}

    /**
     * Reads the document of a result directory.
     *
     * @throws ConfigException if there is none that this version can read
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
                        file
                                + ": schema "
                                + schema
                                + ", this version reads "
                                + Results.SCHEMA
                                + ". Measure again with jukvm bench.");
            }
            return Json.MAPPER.treeToValue(document, Results.class);
        } catch (JacksonException e) {
            throw new ConfigException(file + ": not a result document: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new ConfigException(
                    directory
                            + ": no results there ("
                            + Objects.toString(e.getMessage())
                            + "); name a directory that jukvm bench --out has written.");
        }
    }
}
