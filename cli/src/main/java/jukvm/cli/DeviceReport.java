package jukvm.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import jukvm.device.AttachedBlock;
import jukvm.device.AttachedNet;
import jukvm.monitor.Counters;

/** The part of the report about block and network devices, an object each by name. */
final class DeviceReport {
    private DeviceReport() {}

    static void write(JsonGenerator json, Counters counters) throws IOException {
        json.writeObjectFieldStart("blocks");
        for (Map.Entry<String, AttachedBlock.Counters> entry :
                new TreeMap<>(counters.blocks()).entrySet()) {
            json.writeObjectFieldStart(entry.getKey());
            write(json, entry.getValue());
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeObjectFieldStart("nets");
        for (Map.Entry<String, AttachedNet.Counters> entry :
                new TreeMap<>(counters.nets()).entrySet()) {
            json.writeObjectFieldStart(entry.getKey());
            write(json, entry.getValue());
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, AttachedBlock.Counters block) throws IOException {
        json.writeNumberField("reads", block.reads());
        json.writeNumberField("writes", block.writes());
        json.writeNumberField("bytes_read", block.bytesRead());
        json.writeNumberField("bytes_written", block.bytesWritten());
        json.writeNumberField("errors", block.errors());
        json.writeBooleanField("flush_failed", block.flushFailed());
    }

    private static void write(JsonGenerator json, AttachedNet.Counters net) throws IOException {
        json.writeNumberField("frames_read", net.framesRead());
        json.writeNumberField("bytes_read", net.bytesRead());
        json.writeNumberField("frames_cut", net.framesCut());
        json.writeNumberField("frames_written", net.framesWritten());
        json.writeNumberField("bytes_written", net.bytesWritten());
        json.writeNumberField("frames_dropped", net.framesDropped());
        json.writeNumberField("frames_refused", net.framesRefused());
    }
}
