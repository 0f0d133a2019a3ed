package jukvm.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import jukvm.error.ConfigException;
import jukvm.monitor.HostFacts;

/**
 * The figures as one JSON document. Its file is opened before anything is measured, so that nothing
 * is measured that cannot be reported.
 */
final class EmbedReport implements AutoCloseable {
    private final FileOutputStream file;
    private final Path path;

    private EmbedReport(FileOutputStream file, Path path) {
        this.file = file;
        this.path = path;
    }

    /**
     * Opens the file.
     *
     * @throws ConfigException if it cannot be written
     */
    static EmbedReport open(Path path) {
        try {
            return new EmbedReport(new FileOutputStream(path.toFile()), path);
        } catch (IOException e) {
            throw new ConfigException("--json: cannot write: " + e.getMessage());
        }
    }

    /**
     * Writes the figures.
     *
     * @throws ConfigException if they cannot be written
     */
    void write(EmbedFigures figures) {
        try {
            write(file, figures);
        } catch (IOException e) {
            throw failed(e);
        }
    }

    /** Writes the figures to a stream, and leaves it open. */
    static void write(OutputStream out, EmbedFigures figures) throws IOException {
        JsonFactory factory = new JsonFactory().disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
        try (JsonGenerator json = factory.createGenerator(out)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            writeRatios(json, figures);
            json.writeNumberField("actions_per_second", figures.throughput().perSecond());
            json.writeNumberField(
                    "floor_actions_per_second", figures.throughput().floorPerSecond());
            writeLevels(json, figures);
            writeLoops(json, figures);
            json.writeNumberField("wrong_results", figures.wrong());
            json.writeObjectFieldStart("failures");
            for (Map.Entry<String, Long> failure : figures.failures().entrySet()) {
                json.writeNumberField(failure.getKey(), failure.getValue());
            }
            json.writeEndObject();
            writeHost(json, figures.host());
            json.writeEndObject();
        }
        out.write(System.lineSeparator().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private static void writeRatios(JsonGenerator json, EmbedFigures figures) throws IOException {
        json.writeObjectFieldStart("ratio");
        for (LevelTurns.Figures level : figures.levels()) {
            json.writeNumberField(level.level(), level.ratio());
        }
        json.writeNumberField("exit", figures.exit().ratio());
        json.writeNumberField("throughput", figures.throughput().ratio());
        json.writeEndObject();
    }

    private static void writeLevels(JsonGenerator json, EmbedFigures figures) throws IOException {
        json.writeObjectFieldStart("levels_us");
        for (LevelTurns.Figures level : figures.levels()) {
            writeLevel(json, level);
        }
        writeLevel(json, figures.exit());
        json.writeEndObject();
    }

    private static void writeLevel(JsonGenerator json, LevelTurns.Figures level)
            throws IOException {
        json.writeObjectFieldStart(level.level());
        writeTimes(json, "jukvm", level.jukvm());
        writeTimes(json, "floor", level.floor());
        json.writeNumberField("failed", level.failures().count());
        json.writeEndObject();
    }

    private static void writeLoops(JsonGenerator json, EmbedFigures figures) throws IOException {
        Throughput.Figures throughput = figures.throughput();
        json.writeNumberField("throughput_threads", throughput.threads());
        json.writeNumberField("throughput_turn_seconds", throughput.turnSeconds());
        writeClosedLoops(json, "throughput_tried", throughput.tried());
        json.writeObjectFieldStart("open_loop");
        json.writeNumberField("requests_per_second", figures.openLoop().perSecond());
        json.writeNumberField("seconds", figures.openLoop().seconds());
        writeTimes(json, "us", figures.openLoop().times());
        json.writeEndObject();
        writeClosedLoops(json, "in_flight", figures.inFlight());
        json.writeArrayFieldStart("bursts");
        for (Bursts.Figures bursts : figures.bursts()) {
            json.writeStartObject();
            json.writeStringField("order", bursts.order());
            json.writeNumberField("requests", bursts.burst());
            json.writeNumberField("per_second", bursts.perSecond());
            writeTimes(json, "us", bursts.times());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("deadlines");
        for (Deadlines.Figures deadlines : figures.deadlines()) {
            json.writeStartObject();
            json.writeBooleanField("garbage_collected", deadlines.collecting());
            writeTimes(json, "late_us", deadlines.times());
            json.writeEndObject();
        }
        json.writeEndArray();
        if (figures.growth().isPresent()) {
            json.writeNumberField("in_flight_growth", figures.growth().get());
        }
    }

    private static void writeClosedLoops(
            JsonGenerator json, String name, Iterable<ClosedLoop.Figures> loops)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (ClosedLoop.Figures loop : loops) {
            json.writeStartObject();
            json.writeNumberField("threads", loop.threads());
            json.writeNumberField("per_second", loop.perSecond());
            writeTimes(json, "us", loop.times());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeTimes(JsonGenerator json, String name, Times.Summary times)
            throws IOException {
        json.writeObjectFieldStart(name);
        json.writeNumberField("runs", times.runs());
        json.writeNumberField("median", times.median());
        json.writeNumberField("p90", times.p90());
        json.writeNumberField("p99", times.p99());
        json.writeNumberField("p99.9", times.p999());
        json.writeNumberField("longest", times.longest());
        json.writeEndObject();
    }

    private static void writeHost(JsonGenerator json, HostFacts host) throws IOException {
        json.writeObjectFieldStart("host");
        json.writeStringField("kernel", host.kernel());
        json.writeArrayFieldStart("kvm_modules");
        for (String module : host.kvmModules()) {
            json.writeString(module);
        }
        json.writeEndArray();
        json.writeStringField("cpu", host.cpu());
        json.writeNumberField("cores", host.cores());
        json.writeNumberField("memory_available_bytes", host.memoryAvailable());
        json.writeStringField("jdk", host.jdk());
        json.writeStringField("native_binding", host.binding());
        json.writeNumberField("guest_memory_mib", Levels.MEMORY_MIB);
        json.writeNumberField("ring", Levels.RING);
        json.writeEndObject();
    }

    private ConfigException failed(IOException e) {
        return new ConfigException("--json: cannot write " + path + ": " + e.getMessage());
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException e) {
            throw failed(e);
        }
    }
}
