package jukvm.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import jukvm.error.HostException;

/**
 * The native floor as a process of its own, which runs guests when asked and sleeps otherwise. Used
 * by one thread at a time.
 */
public final class Floor implements AutoCloseable {
    /** What is done anew for each run. */
    public enum Mode {
        /** Everything: VM, image and memory. */
        COLD,

        /** The memory alone. */
        SHELL;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Process process;
    private final Writer requests;
    private final BufferedReader answers;
    private final Thread atExit;

    private Floor(Process process) {
        this.process = process;
        this.requests = process.outputWriter(StandardCharsets.UTF_8);
        this.answers = process.inputReader(StandardCharsets.UTF_8);
        // A process that is in the middle of a long answer does not see that nobody waits for it.
        this.atExit = new Thread(process::destroyForcibly);
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Starts one.
     *
     * @throws HostException if it cannot be started
     */
    static Floor start(BenchFiles files, Mode mode, Path guest, String argument) {
        List<String> line =
                List.of(
                        files.floor().toString(),
                        "--serve",
                        "--mode",
                        mode.toString(),
                        "--ring",
                        String.valueOf(Levels.RING),
                        "--mem",
                        String.valueOf(Levels.MEMORY_MIB),
                        guest.toString(),
                        argument);
        try {
            return new Floor(new ProcessBuilder(line).start());
        } catch (IOException e) {
            throw new HostException("native floor", Objects.toString(e.getMessage()), 0, "");
        }
    }

    /** Starts one on the guest hello. */
    static Floor startHello(BenchFiles files, Mode mode) {
        return start(files, mode, files.hello(), Levels.ARGUMENT);
    }

    /** Makes runs and returns what the floor says of them. */
    FloorAnswer run(int runs) {
        request("run " + runs);
        return answer();
    }

    /** Asks for runs for so many seconds; {@link #answer} waits for their end. */
    void requestSeconds(double seconds) {
        request("seconds " + seconds);
    }

    private void request(String line) {
        try {
            requests.write(line + "\n");
            requests.flush();
        } catch (IOException e) {
            throw ended();
        }
    }

    /** Returns the answer to what was requested. */
    FloorAnswer answer() {
        try {
            String line = answers.readLine();
            if (line == null) {
                throw ended();
            }
            return FloorAnswer.parse(line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private HostException ended() {
        String said = "";
        try (BufferedReader errors = process.errorReader(StandardCharsets.UTF_8)) {
            said = Objects.requireNonNullElse(errors.readLine(), "");
        } catch (IOException e) {
            // Then it is not known why.
        }
        return new HostException(
                "native floor", "ended" + (said.isEmpty() ? "" : ": " + said), 0, "");
    }

    /** Ends it. */
    @Override
    public void close() {
        process.destroy();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // It is running.
        }
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
