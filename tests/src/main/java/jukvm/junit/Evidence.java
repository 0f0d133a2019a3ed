package jukvm.junit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jukvm.guest.RunResult;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.MediaType;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.function.ThrowingConsumer;

/**
 * What is known of a guest, kept for the failure of its test.
 *
 * <p>Thread-safe, once {@link #kept} was called.
 */
final class Evidence {
    /** Stands for the recording among files by the name of a device, which is none like it. */
    static final String RECORDING = "";

    private static final MediaType PCAPNG = MediaType.create("application", "x-pcapng");

    private final String label;
    private final ConsoleText console = new ConsoleText();
    private final List<String> notices = new ArrayList<>();
    private Map<String, Path> files = Map.of();
    private @Nullable ReplayedGuest replay;
    private volatile String replayed = "";
    private volatile @Nullable RunResult result;
    private volatile @Nullable AssertionError told;

    /** Begins with what the guest is called in messages and files. */
    Evidence(String label) {
        this.label = label;
    }

    String label() {
        return label;
    }

    ConsoleText console() {
        return console;
    }

    /** Takes a line about the guest's devices. */
    void note(String line) {
        synchronized (notices) {
            notices.add(line);
        }
    }

    /** Takes the files that frames are captured to, by the device's name, and the recording. */
    void kept(Map<String, Path> those) {
        files = those;
    }

    /** Takes what does its run again, of which it tells. */
    void replays(ReplayedGuest by) {
        replay = by;
    }

    /** Takes the guest's end. */
    void ended(RunResult end) {
        result = end;
    }

    /** Returns the guest's end, if it has ended as guests do. */
    Optional<RunResult> result() {
        return Optional.ofNullable(result);
    }

    /** Returns the failure of the guest, which tells all that is known of it. */
    AssertionError failure(String fact) {
        AssertionError failure = new AssertionError(label + ": " + fact + "\n" + text());
        told = failure;
        return failure;
    }

    /** Adds what is known to a failure of the test, and publishes it as files. */
    void attachTo(Throwable failure, ExtensionContext context) {
        String text = text();
        if (failure != told) {
            failure.addSuppressed(withoutTrace(text));
        }
        String end = result().map(r -> r.outcome().message()).orElse("guest did not run to an end");
        context.publishReportEntry(Map.of("jukvm.guest", label + ": " + end));
        try {
            publish(context, ".report.txt", MediaType.TEXT_PLAIN_UTF_8, to -> write(to, text));
            publish(
                    context,
                    ".console.txt",
                    MediaType.TEXT_PLAIN_UTF_8,
                    to -> Files.write(to, console.bytes()));
            for (Map.Entry<String, Path> file : files.entrySet()) {
                boolean isRecording = file.getKey().equals(RECORDING);
                publish(
                        context,
                        isRecording ? ".jukvmrec" : "." + file.getKey() + ".pcapng",
                        isRecording ? MediaType.APPLICATION_OCTET_STREAM : PCAPNG,
                        to -> copy(file.getValue(), to));
            }
        } catch (RuntimeException e) {
            failure.addSuppressed(e); // Such as where JUnit is given no folder for files.
        }
    }

    // The guest's trace is in the text; the one of this code says nothing.
    private static AssertionError withoutTrace(String text) {
        AssertionError carrier = new AssertionError(text);
        carrier.setStackTrace(new StackTraceElement[0]);
        return carrier;
    }

    private static void write(Path to, String text) throws IOException {
        Files.writeString(to, text);
    }

    // A folder of files may be there from an earlier run.
    private static void copy(Path from, Path to) throws IOException {
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    }

    private void publish(
            ExtensionContext context, String suffix, MediaType type, ThrowingConsumer<Path> file) {
        context.publishFile(label + suffix, type, file);
    }

    /** Returns all that is known, as lines. */
    String text() {
        List<String> said;
        synchronized (notices) {
            said = List.copyOf(notices);
        }
        StringBuilder text = new StringBuilder(GuestReport.of(label, result, console));
        said.forEach(line -> text.append("device: ").append(line).append('\n'));
        files.forEach(
                (name, file) ->
                        text.append(name.equals(RECORDING) ? "recording" : "packets of " + name)
                                .append(": ")
                                .append(file)
                                .append('\n'));
        return text.append(replayed()).toString().stripTrailing();
    }

    private String replayed() {
        RunResult end = result;
        ReplayedGuest again = replay;
        if (replayed.isEmpty() && again != null && end != null) {
            replayed = "replay: " + again.compared(end, console);
        }
        return replayed;
    }
}
