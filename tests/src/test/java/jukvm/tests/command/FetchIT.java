package jukvm.tests.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import jukvm.tests.support.Command;
import jukvm.tests.support.Guests;
import jukvm.tests.support.Refusal;
import jukvm.tests.support.RequiresKvm;
import jukvm.tests.support.Run;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command with a guest that a server of the test has. */
@RequiresKvm
final class FetchIT {
    private static final Path HELLO = Guests.prebuilt("hello.hvt");

    @TempDir private Path folder;
    private final CountDownLatch half = new CountDownLatch(1);
    private final CountDownLatch over = new CountDownLatch(1);
    private HttpServer server;

    @BeforeEach
    void serve() throws Exception {
        byte[] image = Files.readAllBytes(HELLO);
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        serve("/hello.hvt.gz", packed());
        serve("/bomb.gz", packed(new byte[2 << 20]));
        serve("/hello.hvt", image);
        server.createContext(
                "/half.hvt",
                exchange -> {
                    exchange.sendResponseHeaders(200, image.length);
                    exchange.getResponseBody().write(image, 0, 100);
                    exchange.getResponseBody().flush();
                    half.countDown();
                    try {
                        over.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        server.start();
    }

    @AfterEach
    void stop() {
        over.countDown();
        server.stop(0);
    }

    private String address(String path) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + path;
    }

    private static String digest() throws Exception {
        return digest(Files.readAllBytes(HELLO));
    }

    private static String digest(byte[] bytes) throws Exception {
        MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
        return HexFormat.of().formatHex(sha256.digest(bytes));
    }

    private static byte[] packed() throws IOException {
        return packed(Files.readAllBytes(HELLO));
    }

    private static byte[] packed(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    private void serve(String path, byte[] bytes) {
        server.createContext(
                path,
                exchange -> {
                    exchange.sendResponseHeaders(200, bytes.length);
                    exchange.getResponseBody().write(bytes);
                    exchange.close();
                });
    }

    @Test
    void shouldRunAGuestFromItsAddress() throws Exception {
        Path report = folder.resolve("report.json");
        String guest = address("/hello.hvt#sha256=" + digest());
        Command run = Command.run("run", "--report", report + "", guest, "Hello");
        assertEquals("Hello from a jukvm guest (hvt 2)\ncommand line: Hello\n", run.stdout());
        assertEquals("", run.stderr());
        assertEquals(0, run.status());
        Map<String, String> json = CommandIT.read(report);
        assertEquals(guest, json.get("/guest"));
        assertTrue(Long.parseLong(json.get("/timeline_ns/image_read")) > 0);
    }

    // The digest is of what is sent, the limit holds for what that unpacks to as well.
    @Test
    void shouldRunACompressedGuestFromItsAddress() throws Exception {
        String guest = address("/hello.hvt.gz");
        Command run = Command.run("run", guest + "#sha256=" + digest(packed()), "Hello");
        assertEquals("Hello from a jukvm guest (hvt 2)\ncommand line: Hello\n", run.stdout());
        assertEquals("", run.stderr());
        Refusal.assertRefused(
                Command.run("run", guest + "#sha256=" + digest()), "sha256 is " + digest(packed()));
        Refusal.assertRefused(
                Command.run("run", "--fetch-limit=1", address("/bomb.gz")),
                "gzip: unpacks to more than the 1048576 bytes allowed");
    }

    @Test
    void shouldInspectAGuestAtItsAddress() throws Exception {
        String guest = address("/hello.hvt").replace("http:", "HTTP:");
        Command run = Command.run("inspect", guest);
        assertEquals(0, run.status());
        assertTrue(run.stdout().startsWith("file      " + guest + ", "), run.stdout());
    }

    @Test
    void shouldNotRunBytesOfAnotherDigest() throws Exception {
        String digest = "0".repeat(64);
        Refusal.assertRefused(
                Command.run("run", address("/hello.hvt#sha256=" + digest)),
                "jukvm: " + address("/hello.hvt") + ": sha256 is " + digest(),
                "the digest in the address is " + digest);
    }

    @Test
    void shouldSayWhyThereIsNoGuest() throws Exception {
        Path report = folder.resolve("report.json");
        String line = address("/none") + ": 404 Not Found";
        Refusal.assertRefused(
                Command.run("run", "--report", report + "", address("/none")), line + "\n");
        Map<String, String> json = CommandIT.read(report);
        assertEquals(address("/none"), json.get("/guest"));
        assertEquals("not-started", json.get("/outcome/kind"));
        assertEquals(line, json.get("/outcome/message"));
    }

    @Test
    void shouldKeepAPasswordToItself() throws Exception {
        Path report = folder.resolve("report.json");
        Refusal.assertRefused(
                Command.run("run", "--report", report + "", "http://me:secret@h/x"),
                "http://h/x: has a user name or password");
        assertFalse(Files.readString(report).contains("secret"));
        Command run = Command.run("run", "http://me:secret@h/ x");
        Refusal.assertRefused(run, "'http://h/ x' is not an address");
    }

    @Test
    void shouldBoundAFetch() throws Exception {
        Refusal.assertRefused(
                Command.run("run", "--fetch-timeout=3s", address("/half.hvt")),
                ": not fetched within 3 s, 100 bytes of ",
                "Raise --fetch-timeout.");
        Refusal.assertRefused(
                Command.run("inspect", "--fetch-limit=0", address("/hello.hvt")),
                "--fetch-limit: 0 MiB is not from 1 to 1024");
    }

    @Test
    void shouldStopAFetchAtTheDeadline() throws Exception {
        Path report = folder.resolve("report.json");
        String guest = address("/half.hvt");
        Command run = Command.run("run", "--deadline=700ms", "--report", report + "", guest);
        assertEquals(
                "jukvm: " + guest + ": guest stopped: its deadline of 700ms expired\n",
                run.stderr());
        assertEquals(1, run.status());
        assertEquals("deadline", CommandIT.read(report).get("/outcome/kind"));
    }

    @Test
    void shouldStopAFetchAtASignal() throws Exception {
        Path report = folder.resolve("report.json");
        String guest = address("/half.hvt");
        Path err = folder.resolve("err");
        Process process =
                Command.builder(Command.line("run", "--report", report + "", guest))
                        .redirectError(err.toFile())
                        .start();
        try {
            assertTrue(half.await(Run.LONG.toSeconds(), TimeUnit.SECONDS), "nothing was asked for");
            new ProcessBuilder("sh", "-c", "kill -INT " + process.pid()).start().waitFor();
            assertTrue(process.waitFor(Run.LONG.toSeconds(), TimeUnit.SECONDS), "still running");
        } finally {
            process.destroyForcibly();
        }
        assertEquals(1, process.exitValue());
        assertEquals("jukvm: " + guest + ": guest stopped by a signal\n", Files.readString(err));
        assertEquals("cancelled", CommandIT.read(report).get("/outcome/kind"));
    }

    // A fresh JVM pays for each class.
    @Test
    void shouldLoadNothingOfItForAFile() throws Exception {
        Path log = folder.resolve("classes");
        Command run =
                Command.withOptions(
                        List.of("-Xlog:class+load:file=" + log), "run", HELLO.toString(), "Hello");
        assertEquals(0, run.status());
        List<String> loaded = Files.readAllLines(log);
        assertTrue(loaded.stream().anyMatch(line -> line.contains("jukvm.image.GuestImage ")));
        for (String word : List.of("Fetch", "java.net.Socket", "jukvm.image.Http", "jdk.net")) {
            assertEquals(List.of(), loaded.stream().filter(line -> line.contains(word)).toList());
        }
    }
}
