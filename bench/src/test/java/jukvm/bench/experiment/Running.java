package jukvm.bench.experiment;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A command in a process of its own, which is killed when this is closed. */
public final class Running implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 300;

    private final Path out;
    private final Path err;
    private final Process process;

    /** What a command left that is over. */
    public record Ended(int status, String stdout, String stderr) {
        /** Fails unless it refused in one line and printed nothing else. */
        void assertRefused(String line) {
            assertTrue(
                    status == 1 && stdout.isEmpty() && stderr.startsWith("jukvm: " + line),
                    toString());
            assertTrue(stderr.lines().count() == 1, stderr);
        }
    }

    /** Starts a command line, to which a terminal may send its signals as usual. */
    Running(List<String> command) throws IOException {
        out = Files.createTempFile("jukvm", ".out");
        err = Files.createTempFile("jukvm", ".err");
        // One that is ignored by who runs the tests would be ignored by the command.
        List<String> line = new ArrayList<>(List.of("env", "--default-signal=INT"));
        line.addAll(command);
        process =
                new ProcessBuilder(line)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
    }

    /** Runs a command line to its end. */
    public static Ended toEnd(List<String> command) throws IOException, InterruptedException {
        try (Running running = new Running(command)) {
            return running.await();
        }
    }

    public long pid() {
        return process.pid();
    }

    /** Returns the processes that it has started and that still run. */
    List<ProcessHandle> descendants() {
        return process.descendants().toList();
    }

    /** Waits until its progress line has said something. */
    void awaitProgress(String text) throws IOException, InterruptedException {
        long start = System.nanoTime();
        while (!errors().contains(text)) {
            boolean isWorthIt =
                    process.isAlive()
                            && System.nanoTime() - start
                                    < TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
            assertTrue(isWorthIt || errors().contains(text), errors());
            Thread.sleep(10);
        }
    }

    private String errors() throws IOException {
        return Files.readString(err, StandardCharsets.UTF_8);
    }

    /** Sends it a signal, such as INT. */
    void signal(String name) throws IOException, InterruptedException {
        String script = "kill -" + name + " " + pid();
        assertTrue(new ProcessBuilder("sh", "-c", script).start().waitFor() == 0, script);
    }

    /** Waits for its end. */
    Ended await() throws IOException, InterruptedException {
        assertTrue(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS), "still running");
        return new Ended(process.exitValue(), Files.readString(out), errors());
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly().onExit().join();
        Files.delete(out);
        Files.delete(err);
    }
}
