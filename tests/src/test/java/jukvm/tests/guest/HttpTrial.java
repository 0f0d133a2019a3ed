package jukvm.tests.guest;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import jukvm.device.Console;
import jukvm.device.MacAddress;
import jukvm.device.NetDevice;
import jukvm.device.TapDevice;
import jukvm.guest.PrivilegeMode;
import jukvm.image.GuestImage;
import jukvm.monitor.GuestRun;
import jukvm.monitor.GuestSpec;
import jukvm.monitor.Monitor;

/**
 * A program that runs http in a network namespace, where 10.0.0.1 is on tap0, and asks it all sorts
 * of things by the host's own TCP: {@code HttpTrial GUEST RING SIZE PER_MILLE [WORDS...]}. SIZE is
 * how much is large, PER_MILLE how bad the network is. Prints SUCCESS.
 */
final class HttpTrial {
    private static final String ADDRESS = "10.0.0.2";
    private static final String HEAD = "Host: a\r\n\r\n";
    private static final int AT_ONCE = 100;
    private static final int EACH = 5;
    private static final long SEED = Long.getLong("jukvm.seed", System.nanoTime());

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final int large;

    private HttpTrial(int large) {
        this.large = large;
    }

    public static void main(String[] words) throws Exception {
        int perMille = Integer.parseInt(words[3]);
        ByteArrayOutputStream printed = new ByteArrayOutputStream();
        List<String> arguments = new ArrayList<>(List.of("--ipv4=" + ADDRESS + "/24"));
        arguments.addAll(List.of(words).subList(4, words.length));
        try (Monitor monitor = Monitor.open();
                TapDevice tap = TapDevice.open("tap0", MacAddress.random())) {
            NetDevice net = perMille == 0 ? tap : new BadNet(tap, perMille, SEED);
            GuestSpec guest =
                    GuestSpec.of(GuestImage.read(Path.of(words[0])))
                            .memory(32L << 20)
                            .privilege(PrivilegeMode.valueOf("RING_" + words[1]))
                            .console(Console.to(printed))
                            .arguments(arguments.toArray(String[]::new))
                            .net("service0", net);
            HttpTrial trial = new HttpTrial(Integer.parseInt(words[2]));
            try (GuestRun run = monitor.start(guest)) {
                trial.run();
                if (run.result().isDone()) {
                    throw new AssertionError("ended: " + run.result().join());
                }
            } catch (Throwable e) {
                System.err.println("seed " + SEED + ", guest printed: " + printed);
                throw e;
            } finally {
                trial.threads.shutdownNow();
            }
        }
        System.out.println("SUCCESS");
        System.exit(0);
    }

    private void run() throws Exception {
        shouldAnswerMany();
        shouldAnswerInOrder();
        shouldKeepBodies();
        shouldRefuse();
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    private static URI uri(String path) {
        return URI.create("http://" + ADDRESS + path);
    }

    private static byte[] exchange(String request) throws IOException {
        try (Socket socket = new Socket(ADDRESS, 80)) {
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return socket.getInputStream().readAllBytes();
        }
    }

    private static String ask(String request) throws IOException {
        return new String(exchange(request), StandardCharsets.ISO_8859_1);
    }

    // Each keeps its connection until all are open.
    private void shouldAnswerMany() throws Exception {
        List<Socket> sockets = new ArrayList<>();
        for (int i = 0; i < AT_ONCE; i++) {
            sockets.add(new Socket(ADDRESS, 80));
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
        HttpRequest sized =
                HttpRequest.newBuilder(uri("/digest"))
                        .expectContinue(true)
                        .POST(BodyPublishers.ofByteArray(body))
                        .build();
        require(digest.equals(client.send(sized, BodyHandlers.ofString()).body()), "digest");
        HttpRequest chunked =
                HttpRequest.newBuilder(uri("/digest"))
                        .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body)))
                        .build();
        require(digest.equals(client.send(chunked, BodyHandlers.ofString()).body()), "chunked");
        try (Socket socket = new Socket(ADDRESS, 80)) {
            CompletableFuture<Void> sent =
                    CompletableFuture.runAsync(() -> sendForEcho(socket, body), threads);
            String answer =
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
            sent.get();
            String text = new String(body, StandardCharsets.ISO_8859_1);
            require(answer.endsWith("\r\n\r\n" + text), "echo");
        }
        HttpRequest page = HttpRequest.newBuilder(uri("/bytes/" + large)).build();
        try (InputStream in = client.send(page, BodyHandlers.ofInputStream()).body()) {
            byte[] got = in.readAllBytes();
            require(got.length == large, "a page of " + got.length);
            for (int i = 0; i < large; i++) {
                require(got[i] == (byte) (i % 251), "another byte at " + i);
            }
        }
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

    private static void assertStatus(int status, String request) throws IOException {
        String answer = ask(request);
        require(answer.startsWith("HTTP/1.1 " + status + " "), status + " expected: " + answer);
        require(answer.contains("Connection: close\r\n"), answer);
    }
}
