package jukvm.cli.run;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import jukvm.cli.invoker.Conversions;
import jukvm.cli.invoker.SandboxMode;
import jukvm.error.ConfigException;
import jukvm.guest.Metrics;
import jukvm.host.Layer;
import jukvm.monitor.Monitor;
import jukvm.sandbox.EarlySeal;
import jukvm.sandbox.Sandbox;
import jukvm.sandbox.Seal;
import jukvm.sandbox.Use;
import jukvm.telemetry.FlightRecording;
import org.jspecify.annotations.Nullable;

/** How the process of one run was sealed. Used by the thread that runs the guest. */
final class RunSandbox {
    private final SandboxMode mode;
    private final Set<Use> uses;
    private final @Nullable Seal seal;
    private final @Nullable Monitor monitor;
    private final Map<String, Integer> wouldRefuse = new TreeMap<>();

    private RunSandbox(SandboxMode mode, Set<Use> uses, @Nullable Seal seal) {
        this(mode, uses, seal, null);
    }

    private RunSandbox(
            SandboxMode mode, Set<Use> uses, @Nullable Seal seal, @Nullable Monitor monitor) {
        this.mode = mode;
        this.uses = uses;
        this.seal = seal;
        this.monitor = monitor;
    }

    /** Returns that of a run whose process is not sealed. */
    static RunSandbox none() {
        return new RunSandbox(SandboxMode.OFF, Set.of(), null);
    }

    /** Returns that of a guest of a monitor which may have it in a worker. */
    static RunSandbox ofWorkers(Monitor monitor) {
        return new RunSandbox(SandboxMode.ON, Set.of(Use.GUESTS), null, monitor);
    }

    /** Begins to make ready what the process is sealed with later, if it is. */
    static @Nullable EarlySeal prepare(SandboxMode mode) {
        return switch (mode) {
            case OFF, LOG -> null;
            case ON, STRICT -> EarlySeal.begin(readable());
        };
    }

    /**
     * Seals the process. All that the run writes is open, and its guest not entered.
     *
     * @param early what was begun for that mode
     * @param devices what its devices are to be able to do later
     * @param longest how long a file of the run may become, in bytes
     * @param operator is told if calls are not filtered
     * @throws ConfigException if it is to be sealed whole, and cannot be
     */
    static RunSandbox begin(
            SandboxMode mode,
            @Nullable EarlySeal early,
            Set<Use> devices,
            long longest,
            Consumer<String> operator)
            throws InterruptedException {
        Set<Use> uses = EnumSet.noneOf(Use.class);
        uses.addAll(devices);
        if (FlightRecording.isRecorderInUse()) {
            uses.add(Use.WRITING);
        }
        RunSandbox sandbox =
                new RunSandbox(
                        mode,
                        uses,
                        switch (mode) {
                            case OFF -> null;
                            case LOG -> Sandbox.log(uses);
                            case ON, STRICT -> Objects.requireNonNull(early).seal(uses, longest);
                        });
        sandbox.check(operator);
        return sandbox;
    }

    // Where the JVM's own files are, some of them by links, and ours.
    private static List<String> readable() {
        String java = System.getProperty("java.home");
        Set<String> places = new LinkedHashSet<>(List.of(java, java + "/lib", java + "/conf"));
        for (String place : System.getProperty("java.class.path").split(":", -1)) {
            places.add(folder(place));
        }
        return List.copyOf(places);
    }

    // A jar names others beside it.
    private static String folder(String place) {
        return place.endsWith(".jar")
                ? place.substring(0, place.lastIndexOf('/') + 1) + "."
                : place;
    }

    private void check(Consumer<String> operator) {
        Map<Layer, String> missing = seal == null ? Map.of() : seal.missing();
        if (mode == SandboxMode.STRICT && uses.contains(Use.WRITING)) {
            throw new ConfigException(
                    "--sandbox=strict: files are to be made while the guest runs, by --dumpcore or"
                            + " the JVM's flight recorder; use --sandbox=on");
        }
        if (mode == SandboxMode.STRICT && !missing.isEmpty()) {
            throw new ConfigException(
                    "--sandbox=strict: this host has not all of it: "
                            + String.join("; ", missing.values())
                            + ". Use --sandbox=on for what it has");
        }
        String filter = missing.get(Layer.FILTER);
        if (filter != null) {
            operator.accept(
                    "warning: system calls are not filtered: "
                            + filter
                            + ". If that is to be, use --sandbox=off");
        }
    }

    /** Tells what would have been refused since the seal, if that is to be logged. */
    void tell(Consumer<String> operator) {
        if (seal == null) {
            return;
        }
        for (var refused : seal.wouldRefuse().entrySet()) {
            int times = refused.getValue();
            wouldRefuse.merge(refused.getKey(), times, Integer::sum);
            operator.accept(
                    "sandbox: would refuse "
                            + refused.getKey()
                            + (times == 1 ? "" : ", " + times + " times"));
        }
    }

    /** Writes how far it went, as an object. */
    void writeTo(JsonGenerator json) throws IOException {
        if (monitor == null) {
            write(
                    json,
                    mode,
                    seal == null ? Set.of() : seal.reached(),
                    seal == null ? Map.of() : seal.missing(),
                    uses);
            return;
        }
        Metrics.Workers workers = monitor.metrics().workers();
        boolean isSealed = workers.started() > 0;
        write(
                json,
                isSealed ? mode : SandboxMode.OFF,
                workers.layers(),
                workers.missing(),
                isSealed ? uses : Set.of());
    }

    private void write(
            JsonGenerator json,
            SandboxMode reached,
            Set<Layer> layers,
            Map<Layer, String> missing,
            Set<Use> used)
            throws IOException {
        json.writeObjectFieldStart("sandbox");
        json.writeStringField("mode", Conversions.name(reached));
        write(json, "layers", new TreeSet<>(layers));
        json.writeObjectFieldStart("missing");
        for (var layer : new TreeMap<>(missing).entrySet()) {
            json.writeStringField(Conversions.name(layer.getKey()), layer.getValue());
        }
        json.writeEndObject();
        write(json, "uses", used);
        json.writeObjectFieldStart("would_refuse");
        for (var call : wouldRefuse.entrySet()) {
            json.writeNumberField(call.getKey(), call.getValue());
        }
        json.writeEndObject();
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, String name, Set<? extends Enum<?>> values)
            throws IOException {
        json.writeArrayFieldStart(name);
        for (Enum<?> value : values) {
            json.writeString(Conversions.name(value));
        }
        json.writeEndArray();
    }
}
