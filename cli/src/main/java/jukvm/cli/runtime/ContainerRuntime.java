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
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import jukvm.cli.invoker.ExitStatus;
import jukvm.cli.invoker.OneLine;
import jukvm.error.JukvmException;

/**
 * The command under the name {@code jukvm-runtime}, where a container is created: makes the bundle
 * one of a JVM with a guest if its container is to run a guest, or of the program by which the
 * node's JVM runs it, else leaves it alone. The launcher, which knows the command line, has called
 * it, and then becomes the low-level runtime.
 */
public final class ContainerRuntime {
    public static final String NAME = "jukvm-runtime";
    private static final String KVM = "/dev/kvm";
    private static final int WORDS = 6;

    private ContainerRuntime() {}

    /** What has been done about a container, and what comes next. */
    public enum Next {
        /** The container can be created. */
        CREATE,

        /** It cannot; the reason has been said. */
        FAIL,

        /** A JVM of the container's own is to run the guest, which is not arranged here. */
        OWN_JVM,

        /** The container can be created, and its process is to have the guest run here. */
        RUN_HERE
    }

    /**
     * An answer about a container.
     *
     * @param run for {@link Next#RUN_HERE}
     */
    public record Answer(Next next, NodeRun run) {
        private Answer(Next next) {
            this(next, NodeRun.NONE);
        }

        /** Returns that nothing was done. */
        public static Answer ofOwnJvm() {
            return new Answer(Next.OWN_JVM);
        }
    }

    /** Looks at a bundle, and makes it what it is to be. */
    @FunctionalInterface
    private interface Step {
        Answer take(Bundle bundle, GuestChoice guest, Path wiring) throws IOException;
    }

    /**
     * Does so in a JVM of its own and returns the exit status.
     *
     * @param words the bundle's folder; the file for messages or nothing; their format, {@code
     *     json} or {@code text}; the folder of the launcher's scripts; which JVM runs guests,
     *     {@code container} or {@code node}; the folder where the node's has its own
     */
    public static int run(String[] words, PrintStream err) {
        Step step =
                (bundle, guest, wiring) -> {
                    if (bundle.isForNode(words[4])) {
                        throw NodeJvm.missing(words[5]);
                    }
                    bundle.rewrite(guest, GuestJvm.own(), DeviceNode.of(KVM), wiring);
                    return new Answer(Next.CREATE);
                };
        return answer(words, step, err::println).next() == Next.CREATE ? 0 : ExitStatus.FAILURE;
    }

    /**
     * Does so in the node's JVM, for guests that are to run there.
     *
     * @param words as for {@link #run}, but the last is the number of the descriptor by which the
     *     container's process will find this JVM
     * @param err takes lines for the operator
     */
    public static Answer runInNode(List<String> words, Consumer<String> err) {
        Step step =
                (bundle, guest, wiring) ->
                        bundle.isForNode(words.get(4))
                                ? new Answer(
                                        Next.RUN_HERE,
                                        bundle.rewriteForNode(
                                                guest, NodeJvm.client(), words.get(5), wiring))
                                : Answer.ofOwnJvm();
        return answer(words.toArray(String[]::new), step, err);
    }

    private static Answer answer(String[] words, Step step, Consumer<String> err) {
        if (words.length != WORDS) {
            err.accept(NAME + ": need " + WORDS + " words, as the launcher gives them");
            return new Answer(Next.FAIL);
        }
        try {
            Bundle bundle = new Bundle(Path.of(words[0]));
            Optional<GuestChoice> guest = bundle.guest();
            Path wiring = Path.of(words[3]).resolve("network.sh");
            return guest.isEmpty()
                    ? new Answer(Next.CREATE)
                    : step.take(bundle, guest.get(), wiring);
        } catch (JukvmException e) {
            return fail(words, e.getMessage(), err);
        } catch (IOException e) {
            return fail(words, words[0] + ": " + e, err);
        }
    }

    private static Answer fail(String[] words, String fact, Consumer<String> err) {
        String message = NAME + ": " + OneLine.of(fact);
        err.accept(message);
        if (!words[1].isEmpty()) {
            try {
                Files.writeString(
                        Path.of(words[1]),
                        line(message, words[2]),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException e) {
                err.accept(NAME + ": " + words[1] + ": " + e);
            }
        }
        return new Answer(Next.FAIL);
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
