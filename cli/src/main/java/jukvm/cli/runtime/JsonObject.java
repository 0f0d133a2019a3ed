package jukvm.cli.runtime;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * An object of a JSON document that is changed in places and stays what it is elsewhere: its
 * numbers, too, are kept as they are written. Of a key that stands twice the last counts, as for
 * the programs that read bundles.
 *
 * <p>Not thread-safe.
 */
public final class JsonObject {
    // A String, a Boolean, a JsonObject, an Items, a Numeral, or Empty.
    private final Map<String, Object> fields = new LinkedHashMap<>();

    /** An array. */
    private record Items(List<Object> values) {}

    /** A number, as it is written. */
    private record Numeral(String text) {}

    private enum Empty {
        NULL
    }

    /**
     * Reads a document that is one object.
     *
     * @throws IOException if it is not
     */
    public static JsonObject read(byte[] document) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(document)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("no JSON object");
            }
            JsonObject object = object(parser);
            if (parser.nextToken() != null) {
                throw new IOException("more than one JSON object");
            }
            return object;
        }
    }

    private static JsonObject object(JsonParser parser) throws IOException {
        JsonObject object = new JsonObject();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String key = parser.currentName();
            object.fields.put(key, value(parser, parser.nextToken()));
        }
        return object;
    }

    private static Object value(JsonParser parser, JsonToken token) throws IOException {
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> items(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Numeral(parser.getText());
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> Empty.NULL;
            case END_OBJECT, END_ARRAY, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                    throw new IOException("token " + token + " is no value");
        };
    }

    private static Items items(JsonParser parser) throws IOException {
        List<Object> values = new ArrayList<>();
        for (JsonToken next = parser.nextToken();
                next != JsonToken.END_ARRAY;
                next = parser.nextToken()) {
            values.add(value(parser, next));
        }
        return new Items(values);
    }

    /** Returns the document as UTF-8. */
    public byte[] write() throws IOException {
        ByteArrayOutputStream document = new ByteArrayOutputStream();
        try (JsonGenerator json = new JsonFactory().createGenerator(document)) {
            write(json, this);
        }
        return document.toByteArray();
    }

    private static void write(JsonGenerator json, Object value) throws IOException {
        if (value instanceof JsonObject object) {
            json.writeStartObject();
            for (Map.Entry<String, Object> field : object.fields.entrySet()) {
                json.writeFieldName(field.getKey());
                write(json, field.getValue());
            }
            json.writeEndObject();
        } else if (value instanceof Items items) {
            json.writeStartArray();
            for (Object item : items.values) {
                write(json, item);
            }
            json.writeEndArray();
        } else if (value instanceof Numeral number) {
            json.writeNumber(number.text);
        } else if (value instanceof Boolean truth) {
            json.writeBoolean(truth);
        } else if (value == Empty.NULL) {
            json.writeNull();
        } else {
            json.writeString(value.toString());
        }
    }

    /** Returns the keys of its fields, in the order of the document. */
    public Set<String> keys() {
        return fields.keySet();
    }

    /** Returns a string, if there is one. */
    public Optional<String> text(String key) {
        return fields.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    /** Returns a whole number of 64 bits, if there is one. */
    public Optional<Long> number(String key) {
        if (!(fields.get(key) instanceof Numeral number)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Long.parseLong(number.text));
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** Returns whether a field is true. */
    public boolean isTrue(String key) {
        return Boolean.TRUE.equals(fields.get(key));
    }

    /** Returns the strings of an array; none if there is no such array. */
    public List<String> texts(String key) {
        return items(key).values.stream()
                .filter(String.class::isInstance)
                .map(String.class::cast)
                .toList();
    }

    /** Returns the objects of an array; none if there is no such array. */
    public List<JsonObject> objects(String key) {
        return items(key).values.stream()
                .filter(JsonObject.class::isInstance)
                .map(JsonObject.class::cast)
                .toList();
    }

    private Items items(String key) {
        return fields.get(key) instanceof Items items ? items : new Items(List.of());
    }

    /** Returns an object, which is made if there is none. */
    public JsonObject object(String key) {
        if (fields.get(key) instanceof JsonObject object) {
            return object;
        }
        JsonObject made = new JsonObject();
        fields.put(key, made);
        return made;
    }

    /** Puts a field, in the place of the one of that key if there is one. */
    public JsonObject with(String key, String text) {
        fields.put(key, text);
        return this;
    }

    /** Puts a field, in the place of the one of that key if there is one. */
    public JsonObject with(String key, long number) {
        fields.put(key, new Numeral(Long.toString(number)));
        return this;
    }

    /** Puts a field, in the place of the one of that key if there is one. */
    public JsonObject with(String key, boolean truth) {
        fields.put(key, truth);
        return this;
    }

    /** Puts a field, in the place of the one of that key if there is one. */
    public JsonObject with(String key, JsonObject value) {
        fields.put(key, value);
        return this;
    }

    /**
     * Puts a field, in the place of the one of that key if there is one.
     *
     * @param values strings or objects
     */
    public JsonObject with(String key, List<?> values) {
        fields.put(key, new Items(new ArrayList<>(values)));
        return this;
    }
}
