package jukvm.bench.fetch;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import jukvm.error.HostException;

/** The second process, {@link OriginServer}, as this one sees it. */
final class Origin implements AutoCloseable {
    private final Process process;
    private final int port;

    private Origin(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /**
     * Starts it.
     *
     * @throws HostException if it does not start
     */
    static Origin serve(Path directory) {
        List<String> line =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        OriginServer.class.getName(),
                        directory.toString());
        try {
            Process process =
                    new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
            BufferedReader reader = process.inputReader(StandardCharsets.UTF_8);
            String port = Objects.requireNonNullElse(reader.readLine(), "");
            if (port.isEmpty()) {
                process.destroyForcibly();
                throw new HostException("image server", "did not start", 0, "");
            }
            return new Origin(process, Integer.parseInt(port));
        } catch (IOException e) {
            throw new HostException("image server", e.toString(), 0, "");
        }
    }

    /** Returns the address of a file. */
    URI address(String name, String fragment) {
        return URI.create("http://127.0.0.1:" + port + "/" + name + fragment);
    }

    /** Returns the address of a file. */
    URI address(String name) {
        return address(name, "");
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
