package jukvm.cli.runtime;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.OneLine;
import jukvm.error.JukvmException;

/**
 * The command under the name {@code jukvm-runtime}, where a container is created: makes the bundle
 * one of a JVM with a guest if its container is to run a guest, else leaves it alone. The launcher,
 * which knows the command line, has called it, and then becomes the low-level runtime.
 */
public final class ContainerRuntime {
    public static final String NAME = "jukvm-runtime";
    private static final String KVM = "/dev/kvm";

    private ContainerRuntime() {}

    /**
     * Does so and returns the exit status.
     *
     * @param words the bundle's folder; the file for messages or nothing; their format, {@code
     *     json} or {@code text}; the folder of the launcher's scripts
     */
    public static int run(String[] words, PrintStream err) {
        if (words.length != 4) {
            err.println(NAME + ": need a bundle, a log, its format and a folder");
            return ExitStatus.FAILURE;
        }
        try {
            Bundle bundle = new Bundle(Path.of(words[0]));
            Optional<GuestChoice> guest = bundle.guest();
            if (guest.isPresent()) {
                Path wiring = Path.of(words[3]).resolve("network.sh");
                bundle.rewrite(guest.get(), GuestJvm.own(), DeviceNode.of(KVM), wiring);
            }
            return 0;
        } catch (JukvmException e) {
            return fail(words, e.getMessage(), err);
        } catch (IOException e) {
            return fail(words, words[0] + ": " + e, err);
        }
    }

    private static int fail(String[] words, String fact, PrintStream err) {
        String message = NAME + ": " + OneLine.of(fact);
        err.println(message);
        if (!words[1].isEmpty()) {
            try {
                Files.writeString(
                        Path.of(words[1]),
                        line(message, words[2]),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException e) {
                err.println(NAME + ": " + words[1] + ": " + e);
            }
        }
        return ExitStatus.FAILURE;
    }

    // As runc and crun write it; the engine shows what it finds there.
    private static String line(String message, String format) throws IOException {
        String time = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        StringWriter text = new StringWriter();
        if (format.equals("json")) {
            try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
                json.writeStartObject();
                json.writeStringField("level", "error");
                json.writeStringField("msg", message);
                json.writeStringField("time", time);
                json.writeEndObject();
            }
        } else {
            String quoted = message.replace("\\", "\\\\").replace("\"", "\\\"");
            text.write("time=\"" + time + "\" level=error msg=\"" + quoted + '"');
        }
        return text + "\n";
    }
}
