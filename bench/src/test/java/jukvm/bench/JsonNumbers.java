package jukvm.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** The numbers of a JSON document by where they stand, as in {@code ratio.cold} or {@code a[0]}. */
final class JsonNumbers {
    private JsonNumbers() {}

    static Map<String, Double> of(String document) throws IOException {
        Map<String, Double> numbers = new HashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(document)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken().isNumeric()) {
                    numbers.put(path(parser.getParsingContext()), parser.getDoubleValue());
                }
            }
        }
        return numbers;
    }

    private static String path(JsonStreamContext at) {
        String before = at.getParent() == null ? "" : path(at.getParent());
        if (at.inArray()) {
            return before + "[" + at.getCurrentIndex() + "]";
        }
        return at.inObject() ? before + (before.isEmpty() ? "" : ".") + at.getCurrentName() : "";
    }
}
