package jukvm.cli.run;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jukvm.abi.DeviceType;
import jukvm.call.Hypercall;
import jukvm.cli.device.Remedies;
import jukvm.cli.invoker.Conversions;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.GuestSource;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.Json;
import jukvm.cli.invoker.Outputs;
import jukvm.cli.invoker.Version;
import jukvm.error.ConfigException;
import jukvm.error.JukvmException;
import jukvm.guest.Counters;
import jukvm.guest.Outcome;
import jukvm.guest.OutcomeKind;
import jukvm.guest.RunResult;
import jukvm.guest.Timeline;
import jukvm.monitor.HostFacts;
import jukvm.stream.OutputFile;
import jukvm.text.HostText;
import org.jspecify.annotations.Nullable;

/**
 * The one JSON document of {@code --report}: how the run ended, when, and on what host. Its file is
 * opened before the guest starts, so that a run is never made whose report cannot be written.
 */
final class Report implements AutoCloseable {
    private final Invoker invoker;
    private final @Nullable OutputFile file;
    private final String path;
    private boolean begun;

    /**
     * What was asked for.
     *
     * @param guest path or address of the image
     * @param arguments of the guest
     * @param memory of the guest in bytes
     */
    record Facts(String guest, List<String> arguments, long memory) {
        /** Returns those of a guest of this, which may have its memory already. */
        Facts of(GuestSource source) {
            return source.snapshot()
                    .map(taken -> new Facts(guest, arguments, taken.memory()))
                    .orElse(this);
        }
    }

    private Report(Invoker invoker, @Nullable OutputFile file, String path) {
        this.invoker = invoker;
        this.file = file;
        this.path = path;
    }

    /**
     * Opens the file, if one is wanted.
     *
     * @param outputs which opens it
     * @throws ConfigException if it cannot be written, or the run reads it
     */
    static Report open(Invoker invoker, Outputs outputs, @Nullable String name) {
        if (name == null) {
            return new Report(invoker, null, "");
        }
        try {
            return new Report(invoker, outputs.open(Outputs.REPORT, name), name);
        } catch (IOException e) {
            throw new ConfigException("--report: cannot write: " + e.getMessage());
        }
    }

    /** Writes the report of a guest that ran. */
    void write(Facts facts, Launch.Ended ended) {
        RunResult result = ended.result();
        write(
                json -> {
                    writeFacts(json, facts);
                    json.writeStringField("dialect", result.dialect().toString());
                    json.writeNumberField("ring", result.privilege().number());
                    json.writeObjectFieldStart("outcome");
                    writeOutcome(json, result.outcome());
                    json.writeEndObject();
                    json.writeNumberField("exit_status", ended.status());
                    ended.sandbox().writeTo(json);
                    writeTimeline(json, result.timeline());
                    writeCounters(json, result.counters(), ended.lostOutput());
                });
    }

    /** Writes the report of a run that ended before there was a guest. */
    void write(Facts facts, Outcome outcome) {
        write(
                json -> {
                    writeFacts(json, facts);
                    json.writeObjectFieldStart("outcome");
                    writeOutcome(json, outcome);
                    json.writeEndObject();
                    json.writeNumberField("exit_status", ExitStatus.FAILURE);
                });
    }

    /** Writes the report of a guest that could not be started. */
    void write(Facts facts, JukvmException failure) {
        write(
                json -> {
                    writeFacts(json, facts);
                    json.writeObjectFieldStart("outcome");
                    json.writeStringField("kind", "not-started");
                    json.writeStringField(
                            "message", HostText.escaped(Remedies.asOptions(failure.getMessage())));
                    json.writeEndObject();
                    json.writeNumberField("exit_status", ExitStatus.FAILURE);
                });
    }

    private void write(Json.Content content) {
        if (file == null || begun) {
            return;
        }
        begun = true;
        try {
            Json.write(
                    file,
                    json -> {
                        json.writeStringField("jukvm", Version.get());
                        content.writeTo(json);
                        writeHost(json);
                    });
            sync(file);
        } catch (IOException e) {
            throw new ConfigException("--report: cannot write " + path + ": " + e.getMessage());
        }
    }

    private static void sync(OutputFile file) {
        try {
            file.sync();
        } catch (IOException e) {
            // A pipe or terminal, which has no disk to be on.
        }
    }

    private static void writeFacts(JsonGenerator json, Facts facts) throws IOException {
        json.writeStringField("guest", HostText.escaped(facts.guest()));
        json.writeArrayFieldStart("arguments");
        for (String argument : facts.arguments()) {
            json.writeString(HostText.escaped(argument));
        }
        json.writeEndArray();
        json.writeNumberField("memory_bytes", facts.memory());
    }

    private static void writeOutcome(JsonGenerator json, Outcome outcome) throws IOException {
        json.writeStringField("kind", outcome.kind().toString());
        if (outcome.exitStatus().isEmpty()) {
            json.writeStringField("message", Remedies.asOptions(outcome.message()));
        } else if (outcome.kind() == OutcomeKind.EXITED) {
            json.writeNumberField("status", outcome.exitStatus().getAsInt());
        }
        if (outcome instanceof Outcome.Faulted fault) {
            json.writeStringField("exit_reason", fault.reason());
            json.writeStringField("code", fault.code());
            json.writeArrayFieldStart("backtrace");
            for (String place : fault.backtrace()) {
                json.writeString(place);
            }
            json.writeEndArray();
            json.writeObjectFieldStart("registers");
            for (Map.Entry<String, Long> register : fault.registers().values().entrySet()) {
                json.writeStringField(
                        register.getKey(), "0x" + Long.toHexString(register.getValue()));
            }
            json.writeEndObject();
        }
        if (outcome instanceof Outcome.LimitExceeded exceeded) {
            json.writeStringField("limit", Conversions.name(exceeded.limit()));
            json.writeNumberField("allowed", exceeded.allowed());
        }
        if (outcome instanceof Outcome.HostError error) {
            json.writeNumberField("errno", error.errno());
        }
    }

    // Nanoseconds since the request; null for what was not reached.
    private void writeTimeline(JsonGenerator json, Timeline timeline) throws IOException {
        long start = timeline.requested();
        json.writeObjectFieldStart("timeline_ns");
        var processStart = invoker.startedBefore(start);
        writeMark(json, "process_start", processStart.isPresent() ? -processStart.getAsLong() : 0);
        json.writeNumberField("requested", 0);
        writeMark(json, "image_read", since(start, timeline.imageRead()));
        writeMark(json, "vm_ready", since(start, timeline.vmReady()));
        writeMark(json, "laid_out", since(start, timeline.laidOut()));
        writeMark(json, "entered", since(start, timeline.entered()));
        writeMark(json, "first_hypercall", since(start, timeline.firstHypercall()));
        writeMark(json, "first_console_byte", since(start, timeline.firstConsoleByte()));
        writeMark(json, "halted", since(start, timeline.halted()));
        writeMark(json, "freed", since(start, timeline.freed()));
        json.writeEndObject();
        json.writeNumberField("boot_to_exit_ns", timeline.bootToExit());
        json.writeNumberField("start_to_exit_ns", timeline.startToExit());
    }

    private static long since(long start, long mark) {
        return mark == 0 ? 0 : mark - start;
    }

    private static void writeMark(JsonGenerator json, String name, long nanos) throws IOException {
        if (nanos == 0) {
            json.writeNullField(name);
        } else {
            json.writeNumberField(name, nanos);
        }
    }

    private static void writeCounters(JsonGenerator json, Counters counters, long lostOutput)
            throws IOException {
        json.writeObjectFieldStart("counters");
        json.writeNumberField("exits", counters.exits());
        json.writeNumberField("traps", counters.traps());
        json.writeNumberField("console_bytes", counters.consoleBytes());
        json.writeNumberField("console_bytes_lost", lostOutput);
        json.writeNumberField("cpu_ns", counters.cpuNanos());
        json.writeNumberField("waited_ns", counters.waitedNanos());
        json.writeObjectFieldStart("hypercalls");
        for (Map.Entry<Hypercall, Long> call : new TreeMap<>(counters.hypercalls()).entrySet()) {
            json.writeNumberField(Conversions.name(call.getKey()), call.getValue());
        }
        json.writeEndObject();
        for (DeviceType type : DeviceType.values()) {
            json.writeObjectFieldStart(type.kind().plural());
            for (var device : new TreeMap<>(counters.devices(type)).entrySet()) {
                json.writeObjectFieldStart(device.getKey());
                for (var row : device.getValue().rows().entrySet()) {
                    json.writeObjectField(row.getKey(), row.getValue());
                }
                json.writeEndObject();
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    private static void writeHost(JsonGenerator json) throws IOException {
        HostFacts host = HostFacts.read();
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
        json.writeEndObject();
    }

    @Override
    public void close() {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            throw new ConfigException("--report: cannot write " + path + ": " + e.getMessage());
        }
    }
}
