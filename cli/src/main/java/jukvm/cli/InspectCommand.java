package jukvm.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import jukvm.abi.Manifest;
import jukvm.cli.device.Remedies;
import jukvm.cli.invoker.CommandModel;
import jukvm.cli.invoker.Conversions;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.Invoker;
import jukvm.cli.invoker.Json;
import jukvm.cli.invoker.Outputs;
import jukvm.cli.run.GuestFetch;
import jukvm.image.GuestImage;
import jukvm.image.Segment;
import jukvm.image.Symbols;
import jukvm.io.Requester;
import jukvm.text.HostText;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code jukvm inspect}: says what a guest image is. */
final class InspectCommand implements Callable<Integer> {
    static final String NAME = "inspect";

    private final Invoker invoker;
    private final OptionSpec json =
            OptionSpec.builder("--json")
                    .description("Print one JSON document instead of text.")
                    .build();
    private final OptionSpec symbols =
            OptionSpec.builder("--symbols")
                    .description("Print the names of its code, by address, instead.")
                    .build();
    private final PositionalParamSpec guest = CommandModel.guest();
    private final OptionSpec fetchTimeout = CommandModel.fetchTimeout();
    private final OptionSpec fetchLimit = CommandModel.fetchLimit();
    private final CommandSpec spec =
            CommandModel.of(NAME, this, json, symbols, fetchTimeout, fetchLimit);

    InspectCommand(Invoker invoker) {
        this.invoker = invoker;
    }

    CommandSpec model() {
        spec.addPositional(guest);
        spec.usageMessage().description("Say what a guest image is.");
        return spec;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        String name = guest.getValue();
        if (!Conversions.isAddress(name)
                && !new Outputs(invoker, Optional.of(name), Map.of()).checkStreams()) {
            return ExitStatus.FAILURE;
        }
        Optional<GuestImage> read =
                Conversions.isAwaited(name)
                        ? fetch(name)
                        : Optional.of(GuestImage.read(Requester.self(), Conversions.path(name)));
        if (read.isEmpty()) {
            return ExitStatus.FAILURE;
        }
        GuestImage image = read.get();
        image.requireDialect(image.dialect());
        boolean isJson = spec.commandLine().getParseResult().hasMatchedOption(json);
        if (spec.commandLine().getParseResult().hasMatchedOption(symbols)) {
            if (isJson) {
                Json.write(System.out, out -> writeSymbols(out, image.symbols()));
            } else {
                PrintWriter out = spec.commandLine().getOut();
                for (Symbols.Symbol symbol : image.symbols().all()) {
                    out.printf("0x%08x  %6d  %s%n", symbol.gpa(), symbol.size(), symbol.name());
                }
                out.flush();
            }
        } else if (isJson) {
            Json.write(System.out, out -> writeJson(out, image));
        } else {
            PrintWriter out = spec.commandLine().getOut();
            print(out, image);
            out.flush();
        }
        for (String warning : image.warnings()) {
            Remedies.say(spec.commandLine().getErr(), image.name() + ": warning: " + warning);
        }
        return 0;
    }

    private Optional<GuestImage> fetch(String address) throws InterruptedException {
        PrintWriter err = spec.commandLine().getErr();
        return new GuestFetch(address, fetchTimeout.getValue(), fetchLimit.getValue())
                .read(
                        invoker,
                        (outcome, bySignal) ->
                                Remedies.say(
                                        err, GuestFetch.shown(address) + ": stopped by a signal"));
    }

    private static void print(PrintWriter out, GuestImage image) {
        out.printf("file      %s, %d bytes%n", HostText.escaped(image.name()), image.size());
        out.printf("dialect   %s%n", image.dialect());
        out.printf("notes     %s%n", notes(image));
        out.printf("entry     0x%x%n", image.entry());
        out.printf("image     0x%x to 0x%x%n", image.start(), image.end());
        for (Segment segment : image.segments()) {
            out.printf(
                    Locale.ROOT,
                    "segment   %-3d %s  0x%08x  %9d bytes in file  %9d in memory%n",
                    segment.index(),
                    segment.rights(),
                    segment.gpa(),
                    segment.fileSize(),
                    segment.memorySize());
        }
        image.seed().ifPresent(seed -> out.printf("seed      0x%x%n", seed.gpa()));
        if (image.manifest().devices().isEmpty()) {
            out.println("devices   none declared");
        }
        for (Manifest.Device device : image.manifest().devices()) {
            out.printf("device    %-3d %-11s  %s%n", device.handle(), device.type(), device.name());
        }
    }

    private static String notes(GuestImage image) {
        return image.abi()
                .map(abi -> "ABI1 (" + abi.targetName() + ", version " + abi.version() + "), MFT1")
                .orElse("none: built before Solo5 0.6");
    }

    private static void writeSymbols(JsonGenerator json, Symbols symbols) throws IOException {
        json.writeArrayFieldStart("symbols");
        for (Symbols.Symbol symbol : symbols.all()) {
            json.writeStartObject();
            json.writeNumberField("gpa", symbol.gpa());
            json.writeNumberField("size", symbol.size());
            json.writeStringField("name", symbol.name());
            json.writeEndObject();
        }
        json.writeEndArray();
    }

    private static void writeJson(JsonGenerator json, GuestImage image) throws IOException {
        json.writeStringField("file", HostText.escaped(image.name()));
        json.writeNumberField("size", image.size());
        json.writeStringField("dialect", image.dialect().toString());
        if (image.abi().isPresent()) {
            json.writeObjectFieldStart("abi");
            json.writeStringField("target", image.abi().get().targetName());
            json.writeNumberField("version", image.abi().get().version());
            json.writeEndObject();
        } else {
            json.writeNullField("abi");
        }
        json.writeNumberField("entry", image.entry());
        json.writeNumberField("end", image.end());
        if (image.seed().isPresent()) {
            json.writeNumberField("seed", image.seed().get().gpa());
        } else {
            json.writeNullField("seed");
        }
        json.writeArrayFieldStart("segments");
        for (Segment segment : image.segments()) {
            json.writeStartObject();
            json.writeNumberField("index", segment.index());
            json.writeNumberField("gpa", segment.gpa());
            json.writeNumberField("file_size", segment.fileSize());
            json.writeNumberField("memory_size", segment.memorySize());
            json.writeBooleanField("writable", segment.writable());
            json.writeBooleanField("executable", segment.executable());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayFieldStart("devices");
        for (Manifest.Device device : image.manifest().devices()) {
            json.writeStartObject();
            json.writeNumberField("handle", device.handle());
            json.writeStringField("name", device.name());
            json.writeStringField("type", device.type().name());
            json.writeEndObject();
        }
        json.writeEndArray();
    }
}
