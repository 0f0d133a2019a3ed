package jukvm.cli.solo5;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import jukvm.error.ConfigException;
import jukvm.text.Printable;

/**
 * A value of a JSON document and where it stands.
 *
 * @param kind of value
 * @param key under which it stands in an object; empty if it stands in none
 * @param line of its key, or of its beginning if it has none, from 1; that of the document's own
 *     value is 1
 * @param text of a string or number, each byte of the document one character; else empty
 * @param children of an array or object, in their order; else empty
 */
record JsonValue(Kind kind, String key, int line, String text, List<JsonValue> children) {
    /** The kinds of value, as messages call them. */
    enum Kind {
        NULL,
        BOOLEAN,
        STRING,
        ARRAY,
        OBJECT,
        INTEGER,
        REAL
    }

    private static final JsonFactory FACTORY =
            JsonFactory.builder().enable(JsonReadFeature.ALLOW_TRAILING_COMMA).build();

    /**
     * Reads a document. What follows its value is not looked at.
     *
     * @param name of the document, for messages
     * @param document hostile
     * @throws ConfigException if it is not JSON
     */
    static JsonValue read(String name, byte[] document) {
        // Not UTF-8, so that bytes which are not are found where they stand and can be shown.
        String text = new String(document, StandardCharsets.ISO_8859_1);
        try (JsonParser parser = FACTORY.createParser(text)) {
            return value(parser, parser.nextToken(), "", 1);
        } catch (JsonEOFException e) {
            throw new ConfigException(name + ": premature EOF in JSON data");
        } catch (JsonParseException e) {
            throw unexpected(name, text, e);
        } catch (IOException e) {
            // Nested too deep, or with a number too long.
            throw new ConfigException(name + ": JSON parse error");
        }
    }

    private static JsonValue value(JsonParser parser, JsonToken token, String key, int line)
            throws IOException {
        if (token == null) {
            throw new JsonEOFException(parser, JsonToken.NOT_AVAILABLE, "");
        }
        return switch (token) {
            case START_OBJECT -> series(Kind.OBJECT, parser, key, line);
            case START_ARRAY -> series(Kind.ARRAY, parser, key, line);
            case VALUE_STRING -> leaf(Kind.STRING, key, line, parser.getText());
            case VALUE_NUMBER_INT -> leaf(Kind.INTEGER, key, line, parser.getText());
            case VALUE_NUMBER_FLOAT -> leaf(Kind.REAL, key, line, parser.getText());
            case VALUE_TRUE, VALUE_FALSE -> leaf(Kind.BOOLEAN, key, line, "");
            case VALUE_NULL -> leaf(Kind.NULL, key, line, "");
            case END_OBJECT, END_ARRAY, FIELD_NAME, NOT_AVAILABLE, VALUE_EMBEDDED_OBJECT ->
                    throw new IllegalStateException("token " + token + " is no value");
        };
    }

    private static JsonValue leaf(Kind kind, String key, int line, String text) {
        return new JsonValue(kind, key, line, text, List.of());
    }

    private static JsonValue series(Kind kind, JsonParser parser, String key, int line)
            throws IOException {
        List<JsonValue> children = new ArrayList<>();
        JsonToken token = parser.nextToken();
        while (token != JsonToken.END_OBJECT && token != JsonToken.END_ARRAY) {
            String childKey = "";
            int childLine = parser.currentTokenLocation().getLineNr();
            if (token == JsonToken.FIELD_NAME) {
                childKey = parser.currentName();
                token = parser.nextToken();
            }
            children.add(value(parser, token, childKey, childLine));
            token = parser.nextToken();
        }
        return new JsonValue(kind, key, line, "", children);
    }

    private static ConfigException unexpected(String name, String text, JsonParseException e) {
        int at = (int) Math.min(e.getLocation().getCharOffset(), text.length() - 1);
        String found = text.substring(at, at + 1);
        return new ConfigException(
                name
                        + ": unexpected '"
                        + (found.equals("\\") ? found : Printable.of(found))
                        + "' on line "
                        + e.getLocation().getLineNr()
                        + " in JSON data");
    }
}
