package jukvm.tests.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A run of the jukvm command that is not over: what it prints is read line by line, and it is
 * killed when it is closed. What it runs needs a deadline, which ends the reading too.
 */
public final class Running implements AutoCloseable {
    private final Process process;
    private final Path errors;
    private final BufferedReader output;
    private final StringBuilder read = new StringBuilder();

    /** What a command left that is over. */
    public record Ended(int status, String stdout, String stderr) {}

    private Running(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        this.output =
                new BufferedReader(
                        new InputStreamReader(
                                process.getInputStream(), StandardCharsets.ISO_8859_1));
    }

    /** Starts the command. */
    public static Running start(String... arguments) throws IOException {
        List<String> line = Command.line(arguments);
        Path errors = Files.createTempFile("jukvm", ".err");
        return new Running(new ProcessBuilder(line).redirectError(errors.toFile()).start(), errors);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Reads its output up to a line. */
    public void awaitLine(String wanted) throws IOException {
        String line;
        do {
            line = output.readLine();
            if (line == null) {
                throw new AssertionError(
                        "ended without '" + wanted + "': " + read + Files.readString(errors));
            }
            read.append(line).append('\n');
        } while (!line.equals(wanted));
    }

    /** Reads its output to the end, and passes on each line that is whole. */
    public void forEachLine(Consumer<String> consumer) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = output.read(); next >= 0; next = output.read()) {
            if (next == '\n') {
                consumer.accept(line.toString());
                line.setLength(0);
            } else {
                line.append((char) next);
            }
        }
    }

    /** Waits for its end. */
    public Ended awaitEnd() throws IOException, InterruptedException {
        forEachLine(line -> read.append(line).append('\n'));
        if (!process.waitFor(Command.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new AssertionError("still running");
        }
        return new Ended(process.exitValue(), read.toString(), Files.readString(errors));
    }

    /** Kills it, by SIGKILL; what it has printed can still be read. */
    public void kill() {
        process.toHandle().destroyForcibly(); // The process's own closes its output, too.
    }

    /** Kills it and waits for its end, when all it had is free. */
    @Override
    public void close() throws IOException {
        kill();
        process.onExit().orTimeout(Command.PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
        output.close();
        Files.delete(errors);
    }
}
