package jukvm.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jukvm.error.HostException;

/**
 * An answer of the floor: a JSON object of numbers and arrays of numbers.
 *
 * @param values by name; what is no array is a list of one
 */
record FloorAnswer(Map<String, List<Double>> values) {
    private static final JsonFactory FACTORY = new JsonFactory();

    /**
     * Reads a line.
     *
     * @throws HostException if it is no answer, or tells of runs that failed
     */
    static FloorAnswer parse(String line) {
        try (JsonParser parser = FACTORY.createParser(line)) {
            Map<String, List<Double>> values = new HashMap<>();
            String name = "";
            while (parser.nextToken() != null) {
                JsonToken token = parser.currentToken();
                if (token == JsonToken.FIELD_NAME) {
                    name = parser.currentName();
                } else if (token.isNumeric()) {
                    values.computeIfAbsent(name, unused -> new ArrayList<>())
                            .add(parser.getDoubleValue());
                }
            }
            FloorAnswer answer = new FloorAnswer(values);
            if (answer.number("failed") != 0) {
                throw broken((long) answer.number("failed") + " of its runs failed");
            }
            return answer;
        } catch (IOException e) {
            throw broken("no answer: " + line);
        }
    }

    /** Returns a number. */
    double number(String name) {
        return numbers(name).get(0);
    }

    /** Returns an array. */
    List<Double> numbers(String name) {
        List<Double> found = values.get(name);
        if (found == null) {
            throw broken("its answer lacks " + name);
        }
        return found;
    }

    private static HostException broken(String reason) {
        return new HostException("native floor", reason, 0, "");
    }
}
