package jukvm.cli.invoker;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** Writes one JSON object, indented, with a line end. */
public final class Json {
    private Json() {}

    /** What goes into the object. */
    public interface Content {
        /** Writes its fields. */
        void writeTo(JsonGenerator json) throws IOException;
    }

    /** Writes an object; the stream stays open. */
    public static void write(OutputStream out, Content content) throws IOException {
        JsonFactory factory = new JsonFactory().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        try (JsonGenerator json = factory.createGenerator(out)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            content.writeTo(json);
            json.writeEndObject();
        }
        out.write(System.lineSeparator().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }
}
