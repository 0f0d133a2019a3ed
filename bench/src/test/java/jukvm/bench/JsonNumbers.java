package jukvm.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/**
 * The numbers of a JSON document.
 *
 * @param numbers by where they stand, as in {@code ratio.cold} or {@code a[0]}
 */
record JsonNumbers(Map<String, Double> numbers) {
    /** Reads a document. */
    static JsonNumbers of(String document) throws IOException {
        Map<String, Double> numbers = new HashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(document)) {
            while (parser.nextToken() != null) {
                if (parser.currentToken().isNumeric()) {
                    numbers.put(path(parser.getParsingContext()), parser.getDoubleValue());
                }
            }
        }
        return new JsonNumbers(numbers);
    }

    /** Returns the number that stands somewhere, or fails. */
    double at(String place) {
        Double number = numbers.get(place);
        if (number == null) {
            throw new AssertionError(place + " is not in " + numbers.keySet());
        }
        return number;
    }

    private static String path(JsonStreamContext at) {
        String before = at.getParent() == null ? "" : path(at.getParent());
        if (at.inArray()) {
            return before + "[" + at.getCurrentIndex() + "]";
        }
        return at.inObject() ? before + (before.isEmpty() ? "" : ".") + at.getCurrentName() : "";
    }
}
