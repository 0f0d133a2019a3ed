package jukvm.bench.fetch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executors;
import jukvm.bench.process.PageCache;
import jukvm.error.HostException;

/**
 * The process that images are fetched from: it serves the files of one directory on loopback, and
 * has the kernel forget each file's pages before it reads it. This is how the other one sees it;
 * {@link #main} is what it runs.
 */
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
                        Origin.class.getName(),
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
    URI address(String name) {
        return URI.create("http://127.0.0.1:" + port + "/" + name);
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    /** Serves the directory named by the only argument; prints its port; ends with its input. */
    public static void main(String[] args) throws IOException {
        // Otherwise it waits 40 ms for more to send before it sends the end of an answer.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        Path directory = Path.of(args[0]);
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(4));
        server.createContext("/", exchange -> answer(exchange, directory));
        server.start();
        System.out.println(server.getAddress().getPort());
        while (System.in.read() >= 0) {
            // Whoever started this still lives.
        }
        System.exit(0);
    }

    private static void answer(HttpExchange exchange, Path directory) throws IOException {
        try (exchange) {
            Path name = Path.of(exchange.getRequestURI().getPath()).getFileName();
            Path file = directory.resolve(String.valueOf(name));
            if (!Files.isRegularFile(file)) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            PageCache.drop(file);
            byte[] bytes = Files.readAllBytes(file);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
