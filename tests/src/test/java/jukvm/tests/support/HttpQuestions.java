package jukvm.tests.support;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * All sorts of questions to the guest http, by the host's own TCP. As a program it is {@code
 * HttpQuestions ADDRESS PORT [SIZE [CONNECTIONS]]}, where SIZE is how much is large, in bytes, and
 * CONNECTIONS how many there are at once, 100 if not given; without SIZE the questions are those
 * that another server passes on. Prints SUCCESS, and to standard error how long what is large has
 * taken.
 */
public final class HttpQuestions implements AutoCloseable {
    /** What random bodies are made of. */
    public static final long SEED = Long.getLong("jukvm.seed", System.nanoTime());

    private static final String HEAD = "Host: a\r\n\r\n";
    private static final int PASSED_ON = 10_000;
    private static final int AT_ONCE = 100;
    private static final int EACH = 5;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final InetSocketAddress server;
    private final int large;
    private final int atOnce;

    public HttpQuestions(InetSocketAddress server, int large) {
        this(server, large, AT_ONCE);
    }

    private HttpQuestions(InetSocketAddress server, int large, int atOnce) {
        this.server = server;
        this.large = large;
        this.atOnce = atOnce;
    }

    public static void main(String[] words) throws Exception {
        InetSocketAddress server = new InetSocketAddress(words[0], Integer.parseInt(words[1]));
        boolean isGuest = words.length > 2;
        int large = isGuest ? Integer.parseInt(words[2]) : PASSED_ON;
        int atOnce = words.length > 3 ? Integer.parseInt(words[3]) : AT_ONCE;
        try (HttpQuestions questions = new HttpQuestions(server, large, atOnce)) {
            if (isGuest) {
                questions.askAll();
            } else {
                questions.askMany();
            }
        } catch (Throwable e) {
            System.err.println("seed " + SEED);
            throw e;
        }
        System.out.println("SUCCESS");
        System.exit(0); // The client's threads stay for a while.
    }

    /** Asks all of them, and compares the answers byte for byte. */
    public void askAll() throws Exception {
        shouldAnswerMany();
        shouldAnswerInOrder();
        shouldKeepBodies();
        shouldRefuse();
    }

    /** Asks for the same many times, some at once. */
    private void askMany() throws Exception {
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        byte[] body = new byte[large];
        new Random(SEED).nextBytes(body);
        HttpRequest.Builder echo =
                HttpRequest.newBuilder(uri("/echo")).POST(BodyPublishers.ofByteArray(body));
        for (int i = 0; i < atOnce; i++) {
            answers.add(client.sendAsync(echo.build(), BodyHandlers.ofByteArray()));
        }
        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
            require(Arrays.equals(body, answer.get().body()), "echo");
        }
        HttpRequest nothing = HttpRequest.newBuilder(uri("/nothing")).build();
        require(client.send(nothing, BodyHandlers.discarding()).statusCode() == 404, "nothing");
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    private URI uri(String path) {
        String place = server.getHostString() + ":" + server.getPort();
        return URI.create("http://" + place + path);
    }

    private Socket connect() throws IOException {
        return new Socket(server.getAddress(), server.getPort());
    }

    private byte[] exchange(String request) throws IOException {
        try (Socket socket = connect()) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return socket.getInputStream().readAllBytes();
        }
    }

    private String ask(String request) throws IOException {
        return new String(exchange(request), StandardCharsets.ISO_8859_1);
    }

    // Each keeps its connection until all are open.
    private void shouldAnswerMany() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < atOnce; i++) {
            sockets.add(connect());
        }
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        for (Socket socket : sockets) {
            answers.add(CompletableFuture.runAsync(() -> askAgainAndAgain(socket), threads));
        }
        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new)).get();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    private static void askAgainAndAgain(Socket socket) {
        byte[] expected =
                String.join(
                                "\r\n",
                                "HTTP/1.1 200 OK",
                                "Connection: keep-alive",
                                "Content-Type: text/plain",
                                "Content-Length: 25",
                                "",
                                "Hello from a jukvm guest\n")
                        .getBytes(StandardCharsets.ISO_8859_1);
        try {
            for (int i = 0; i < EACH; i++) {
                OutputStream out = socket.getOutputStream();
                out.write(("GET / HTTP/1.1\r\n" + HEAD).getBytes(StandardCharsets.ISO_8859_1));
                byte[] answer = socket.getInputStream().readNBytes(expected.length);
                require(Arrays.equals(expected, answer), "another page");
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void shouldAnswerInOrder() throws IOException {
        StringBuilder requests = new StringBuilder();
        StringBuilder expected = new StringBuilder();
        for (int size = 1; size <= 100; size++) {
            boolean isLast = size == 100;
            String way = "Connection: " + (isLast ? "close" : "keep-alive") + "\r\n";
            requests.append("POST /echo HTTP/1.1\r\nContent-Length: " + size + "\r\n" + way + HEAD);
            requests.append("x".repeat(size));
            expected.append("HTTP/1.1 200 OK\r\n" + way);
            expected.append("Content-Type: application/octet-stream\r\nContent-Length: " + size);
            expected.append("\r\n\r\n" + "x".repeat(size));
        }
        require(expected.toString().equals(ask(requests.toString())), "not in order");
    }

    private void shouldKeepBodies() throws Exception {
        byte[] body = new byte[large];
        new Random(SEED).nextBytes(body);
        String digest =
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body)) + "\n";
        long start = System.nanoTime();
        HttpRequest sized =
                HttpRequest.newBuilder(uri("/digest"))
                        .expectContinue(true)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build();
        require(digest.equals(client.send(sized, BodyHandlers.ofString()).body()), "digest");
        tell("up", start);
        HttpRequest chunked =
                HttpRequest.newBuilder(uri("/digest"))
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                        .build();
        require(digest.equals(client.send(chunked, BodyHandlers.ofString()).body()), "chunked");
        try (Socket socket = connect()) {
            CompletableFuture<Void> sent =
                    CompletableFuture.runAsync(() -> sendForEcho(socket, body), threads);
            byte[] answer = socket.getInputStream().readAllBytes();
            sent.get();
            int head = answer.length - large;
            require(
                    Arrays.equals(answer, Math.max(head, 0), answer.length, body, 0, large),
                    "echo");
        }
        start = System.nanoTime();
        HttpRequest page = HttpRequest.newBuilder(uri("/bytes/" + large)).build();
        try (InputStream in = client.send(page, BodyHandlers.ofInputStream()).body()) {
            byte[] got = in.readAllBytes();
            require(got.length == large, "a page of " + got.length);
            for (int i = 0; i < large; i++) {
                require(got[i] == (byte) (i % 251), "another byte at " + i);
            }
        }
        tell("down", start);
    }

    private void tell(String way, long start) {
        double seconds = (System.nanoTime() - start) / 1e9;
        System.err.printf(
                Locale.ROOT,
                "%,d bytes %s in %.1f s, %.2f MB/s%n",
                large,
                way,
                seconds,
                large / seconds / 1e6);
    }

    private static void sendForEcho(Socket socket, byte[] body) {
        try {
            String head = "POST /echo HTTP/1.1\r\nConnection: close\r\nContent-Length: ";
            OutputStream out = socket.getOutputStream();
            out.write((head + body.length + "\r\n" + HEAD).getBytes(StandardCharsets.ISO_8859_1));
            out.write(body);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private void shouldRefuse() throws IOException {
        assertStatus(400, "GET / HTTP/1.1\r\n\r\n");
        assertStatus(400, "rubbish\r\n\r\n");
        assertStatus(404, "GET /nothing HTTP/1.1\r\n" + HEAD);
        assertStatus(405, "PUT / HTTP/1.1\r\n" + HEAD);
        assertStatus(405, "GET /echo HTTP/1.1\r\n" + HEAD);
        String length = "9".repeat(30);
        assertStatus(413, "POST /echo HTTP/1.1\r\nContent-Length: " + length + "\r\n" + HEAD);
        assertStatus(414, "GET /" + "a".repeat(2000) + " HTTP/1.1\r\n" + HEAD);
        assertStatus(431, "GET / HTTP/1.1\r\nX: " + "a".repeat(9000) + "\r\n" + HEAD);
        assertStatus(
                400, "POST /digest HTTP/1.1\r\nTransfer-Encoding: chunked\r\n" + HEAD + "x\r\n");
        String old = ask("HEAD / HTTP/1.0\r\n\r\n");
        require(old.startsWith("HTTP/1.1 200 ") && old.endsWith("\r\n\r\n"), old);
    }

    private void assertStatus(int status, String request) throws IOException {
        String answer = ask(request);
        require(answer.startsWith("HTTP/1.1 " + status + " "), status + " expected: " + answer);
        require(answer.contains("Connection: close\r\n"), answer);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
