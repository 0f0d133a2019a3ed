package jukvm.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.util.List;
import jukvm.bench.cost.CostRow;

/** What servers have to do to earn their rent, as one JSON document. */
final class CostReport {
    private CostReport() {}

    static String of(List<CostRow> rows) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeArrayFieldStart("rows");
            for (CostRow row : rows) {
                json.writeStartObject();
                json.writeStringField("name", row.name());
                json.writeNumberField("actions_per_second", row.actionsPerSecond());
                json.writeNumberField("actions_per_second_per_core", row.perCore());
                json.writeNumberField("core_ms_per_action", row.coreMillisPerAction());
                json.writeEndObject();
            }
            json.writeEndArray();
            json.writeEndObject();
        }
        return text + System.lineSeparator();
    }
}
