package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The jukvm command while its guest runs. Both are stopped when this is closed. */
public final class BackgroundCommand implements AutoCloseable {
    private final Path out;
    private final Path err;
    private final Process process;

    private BackgroundCommand(List<String> line, Map<String, String> environment)
            throws IOException {
        out = Files.createTempFile("jukvm", ".out");
        err = Files.createTempFile("jukvm", ".err");
        ProcessBuilder builder = Command.builder(line);
        builder.environment().putAll(environment);
        process =
                builder.redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
    }

    /** Starts a command line. */
    public static BackgroundCommand start(List<String> line) throws IOException {
        return new BackgroundCommand(line, Map.of());
    }

    /** Starts a command line with these variables in its environment, too. */
    public static BackgroundCommand start(List<String> line, Map<String, String> environment)
            throws IOException {
        return new BackgroundCommand(line, environment);
    }

    public String output() throws IOException {
        return Files.readString(out, StandardCharsets.ISO_8859_1);
    }

    public String errors() throws IOException {
        return Files.readString(err, StandardCharsets.UTF_8);
    }

    public long pid() {
        return process.pid();
    }

    /** Waits until the guest has printed this. */
    public void awaitOutput(String text) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (!output().contains(text)) {
            boolean isWorthIt =
                    process.isAlive() && System.nanoTime() - start < Command.PATIENCE.toNanos();
            assertTrue(
                    isWorthIt || output().contains(text),
                    "not printed: " + text + "\n" + output() + errors());
            Thread.sleep(10);
        }
    }

    /** Returns how much CPU time the process has used, in nanoseconds. */
    public long cpuNanos() {
        return process.info().totalCpuDuration().orElseThrow().toNanos();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Waits for the end. */
    public Command await() throws IOException, InterruptedException {
        assertTrue(
                process.waitFor(Command.PATIENCE.toSeconds(), TimeUnit.SECONDS), "still running");
        return new Command(process.exitValue(), output(), errors());
    }

    /** Stops the guest as an operator would. */
    public Command stop() throws IOException, InterruptedException {
        process.destroy();
        return await();
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        Files.delete(out);
        Files.delete(err);
    }
}
