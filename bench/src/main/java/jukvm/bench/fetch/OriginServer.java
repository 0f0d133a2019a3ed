package jukvm.bench.fetch;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import jukvm.bench.process.PageCache;

/**
 * The process that images are fetched from: it serves the files of one directory on loopback, and
 * has the kernel forget each file's pages before it reads it. Prints its port; ends with its input.
 */
final class OriginServer {
    private static final int THREADS = 4;
    private static final int OK = 200;
    private static final int NOT_FOUND = 404;

    private OriginServer() {}

    /** Serves the directory named by the only argument. */
    public static void main(String[] args) throws IOException {
        // Otherwise it waits 40 ms for more to send before it sends the end of an answer.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        Path directory = Path.of(args[0]);
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
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
                exchange.sendResponseHeaders(NOT_FOUND, -1);
                return;
            }
            PageCache.drop(file);
            byte[] bytes = Files.readAllBytes(file);
            exchange.sendResponseHeaders(OK, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }
}
