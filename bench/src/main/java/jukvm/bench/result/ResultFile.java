package jukvm.bench.result;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import jukvm.error.ConfigException;

/** The document {@code results.json}: its names are those of the records, in snake case. */
public final class ResultFile {
    /** Name of the document in a result directory. */
    public static final String NAME = "results.json";

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                    .addModule(new Jdk8Module())
                    // The records' components and nothing else: not Verdict.met().
                    .visibility(PropertyAccessor.GETTER, Visibility.NONE)
                    .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
                    .visibility(PropertyAccessor.FIELD, Visibility.ANY)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                    // A record has no null in it.
                    .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                    .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                    .build();

    private ResultFile() {}

    /** Returns the document of results. */
    public static String toJson(Results results) {
        try {
            return JSON.writeValueAsString(results) + "\n";
        } catch (JacksonException e) {
            throw new IllegalStateException(e);
        }
    }

    /**
     * Reads the document of a result directory.
     *
     * @throws ConfigException if there is none that this version can read
     */
    public static Results read(Path directory) {
        Path file = directory.resolve(NAME);
        try {
            JsonNode document = JSON.readTree(Files.readString(file));
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
            return JSON.treeToValue(document, Results.class);
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
