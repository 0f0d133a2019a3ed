package jukvm.fetch;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.CookieHandler;
import java.net.CookieManager;
import java.net.HttpCookie;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import jukvm.error.ImageException;
import jukvm.image.ElfBuilder;
import jukvm.image.GuestImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Fetches from servers that are honest, broken and hostile. */
@Timeout(120)
final class ImageFetchTest {
    private static final byte[] IMAGE = ElfBuilder.hvt().build();
    private static final String OK = "HTTP/1.1 200 OK\r\n";
    private static final FetchLimits SMALL = FetchLimits.DEFAULT.withBytes(1000);
    private static final FetchLimits SOON = FetchLimits.DEFAULT.withTime(Duration.ofMillis(300));

    private static byte[] read(ScriptedServer server, FetchLimits limits)
            throws InterruptedException {
        return HttpFetch.read(ImageAddress.of(server.uri("/x")), limits);
    }

    private static ImageException refusal(URI location, FetchLimits limits) {
        ImageException e =
                assertThrows(ImageException.class, () -> ImageFetch.read(location, limits));
        String message = e.getMessage();
        String name = location.toString().replaceFirst("#.*", "");
        assertTrue(message.startsWith(name + ": "), message);
        assertTrue(message.chars().allMatch(c -> c >= ' ' && c < 0x7f), message);
        return e;
    }

    private static void assertRefused(URI location, FetchLimits limits, String fact) {
        String message = refusal(location, limits).getMessage();
        assertTrue(message.contains(fact), () -> "'" + fact + "' in: " + message);
    }

    private static ScriptedServer serving(boolean chunked) throws IOException {
        String length = Integer.toHexString(IMAGE.length);
        return ScriptedServer.answering(
                out -> {
                    out.write(
                            ScriptedServer.bytes(
                                    chunked
                                            ? chunked(length + "\r\n")
                                            : OK + "Content-Length: " + IMAGE.length + "\r\n\r\n"));
                    out.write(IMAGE);
                    out.write(ScriptedServer.bytes(chunked ? "\r\n0\r\n\r\n" : ""));
                });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldFetchAnImage(boolean chunked) throws Exception {
        try (ScriptedServer server = serving(chunked)) {
            URI location = server.uri("/guests/a.hvt?v=1");
            GuestImage image = ImageFetch.read(location, FetchLimits.DEFAULT);
            assertEquals(location.toString(), image.name());
            assertEquals(IMAGE.length, image.size());
            assertArrayEquals(IMAGE, read(server, FetchLimits.DEFAULT));
        }
    }

    @Test
    void shouldCheckTheDigest() throws Exception {
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(IMAGE);
        String hex = HexFormat.of().formatHex(digest);
        try (ScriptedServer server = serving(false)) {
            for (String right : List.of(hex, hex.toUpperCase(Locale.ROOT))) {
                URI location = server.uri("/a.hvt#sha256=" + right);
                String name = ImageFetch.read(location, FetchLimits.DEFAULT).name();
                assertEquals(server.uri("/a.hvt").toString(), name);
            }
            String wrong = "0".repeat(64);
            ImageException e = refusal(server.uri("/a.hvt#sha256=" + wrong), FetchLimits.DEFAULT);
            String fact = "sha256 is " + hex + ", the digest in the address is " + wrong + ".";
            assertTrue(e.getMessage().contains(fact), e.getMessage());
            assertFalse(e.isUnreadable());
        }
    }

    static Stream<Arguments> answers() {
        String gone = "HTTP/1.1 404 Not\u001b[2J\r\n";
        return Stream.of(
                Arguments.of("HTTP/1.1 404 Not Found\r\n\r\n", ": 404 Not Found"),
                Arguments.of("HTTP/1.1 500\r\n\r\n", ": 500"),
                Arguments.of(gone + "\r\n", ": 404 Not\\x1b[2J"),
                Arguments.of("HTTP/1.1 204 No Content\r\n\r\n", ": 204 No Content"),
                Arguments.of("HTTP/1.1 206 Partial Content\r\n\r\nx", ": 206 Partial Content"),
                Arguments.of("HTTP/1.1 302 Found\r\n\r\n", ": 302 Found"),
                Arguments.of("HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK, "its header"),
                Arguments.of("", "the server ended the connection within its header"),
                Arguments.of("SSH-2.0-x\r\n", "does not speak HTTP/1: its answer begins with 'SSH"),
                Arguments.of("HTTP/2 200\r\n\r\n", "begins with 'HTTP/2 200'"),
                Arguments.of("HTTP/1.1 2000 OK\r\n\r\n", "begins with 'HTTP/1.1 2000 OK'"),
                Arguments.of(OK + " folded: x\r\n\r\n", "not HTTP/1: ' folded: x'"),
                Arguments.of(OK + "nothing\r\n\r\n", "header has a line that is not HTTP/1"),
                Arguments.of(OK + "X: " + "x".repeat(70_000), "longer than the 65536 bytes"),
                Arguments.of(OK + "X:\r\n".repeat(20_000), "longer than the 65536 bytes"),
                Arguments.of(OK + "Content-Length: -1\r\n\r\n", "Content-Length that is not"),
                Arguments.of(OK + "Content-Length: 1e3\r\n\r\n", "HTTP/1: '1e3'"),
                Arguments.of(OK + "Content-Length: " + "9".repeat(19) + "\r\n\r\n", "HTTP/1: '99"),
                Arguments.of(
                        OK + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                        "second Content-Length"),
                Arguments.of(OK + "Content-Encoding: gzip\r\n\r\n", "comes encoded as 'gzip'"),
                Arguments.of(OK + "Transfer-Encoding: gzip, chunked\r\n\r\n", "'gzip, chunked'"),
                Arguments.of(OK + "Content-Length: 9\r\n\r\nfour", "after 4 of 9 bytes"),
                Arguments.of(
                        OK + "Content-Length: 1001\r\n\r\n",
                        ": 1001 bytes, more than the 1000 bytes allowed. Raise FetchLimits.bytes."),
                Arguments.of(
                        OK + "Content-Length: 83886080\r\n\r\n", ": 80 MiB, more than the 1000"),
                Arguments.of(
                        OK + "\r\n" + "x".repeat(1001), ": does not end, more than the 1000 bytes"),
                Arguments.of(chunked("3e9\r\n"), ": at least 1001 bytes, more than the 1000"),
                Arguments.of(
                        chunked(("190\r\n" + "x".repeat(400) + "\r\n").repeat(3)),
                        ": at least 1200 bytes, more than the 1000"),
                Arguments.of(chunked("fffffffffffffff\r\n"), ": at least 1152921504606846975 b"),
                Arguments.of(chunked("ffffffffffffffff\r\n"), "a chunk that is not HTTP/1: 'ff"),
                Arguments.of(chunked("-1\r\n"), "a chunk that is not HTTP/1: '-1'"),
                Arguments.of(chunked("\r\n"), "a chunk that is not HTTP/1: ''"),
                Arguments.of(chunked("3\r\nabcd\r\n"), "a chunk that is not HTTP/1: 'd'"),
                Arguments.of(chunked("5\r\nabc"), "after 3 bytes, within a chunk"),
                Arguments.of(chunked("1\r\na\r\n"), "after 1 bytes, before the last chunk"),
                Arguments.of(chunked("0\r\n" + "x".repeat(70_000)), "longer than the 65536"),
                Arguments.of(OK + "\r\n", ": file is empty, need at least 64 bytes"),
                Arguments.of(OK + "\r\nhello", ": not an ELF file (starts with 68 65 6c 6c)"));
    }

    private static String chunked(String body) {
        return OK + "Transfer-Encoding: chunked\r\n\r\n" + body;
    }

    @ParameterizedTest
    @MethodSource("answers")
    void shouldRefuse(String answer, String fact) throws Exception {
        try (ScriptedServer server = ScriptedServer.answering(answer)) {
            assertRefused(server.uri("/x"), SMALL, fact);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                OK + "content-length:  5 \r\n\r\nhello and what is not of the image",
                OK
                        + "Content-Length: 5\r\nContent-Length: 5\r\nContent-Encoding: identity\r\n\r\nhello",
                OK
                        + "Transfer-Encoding: Chunked\r\n\r\n2\r\nhe\r\n0003 ;a=b\r\nllo\r\n0\r\nX: y\r\n\r\n",
                "HTTP/1.0 200\n\nhello",
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 x\r\nA: b\r\n\r\n" + OK + "\r\nhello",
                OK + "Set-Cookie: a=b\r\nWWW-Authenticate: Basic\r\n\r\nhello"
            })
    void shouldReadEveryFormOfBody(String answer) throws Exception {
        try (ScriptedServer server = ScriptedServer.answering(answer)) {
            assertArrayEquals(ScriptedServer.bytes("hello"), read(server, SMALL));
        }
    }

    @Test
    void shouldTakeAnImageOfExactlyTheLimit() throws Exception {
        String thousand = "x".repeat(1000);
        for (String answer :
                List.of(
                        OK + "\r\n" + thousand,
                        OK + "Content-Length: 1000\r\n\r\n" + thousand,
                        chunked("3e8\r\n" + thousand + "\r\n0\r\n\r\n"))) {
            try (ScriptedServer server = ScriptedServer.answering(answer)) {
                assertEquals(1000, read(server, SMALL).length);
            }
        }
    }

    // A process-wide cookie store of the embedder's is nobody's business here.
    @Test
    void shouldSendNothingButTheRequest() throws Exception {
        CookieManager cookies = new CookieManager();
        CookieHandler before = CookieHandler.getDefault();
        CookieHandler.setDefault(cookies);
        try (ScriptedServer server = ScriptedServer.answering(OK + "Set-Cookie: c=d\r\n\r\nx")) {
            cookies.getCookieStore().add(server.uri("/"), new HttpCookie("a", "b"));
            HttpFetch.read(ImageAddress.of(server.uri("/a%20b?c=d")), SMALL);
            List<String> lines = server.requests().get(0).lines().toList();
            assertEquals("GET /a%20b?c=d HTTP/1.1", lines.get(0));
            assertEquals("Host: " + server.uri("/").getAuthority(), lines.get(1));
            assertTrue(lines.get(2).startsWith("User-Agent: jukvm/"), lines.get(2));
            assertEquals(
                    List.of("Accept: */*", "Accept-Encoding: identity", "Connection: close", ""),
                    lines.subList(3, lines.size()));
            assertEquals(1, cookies.getCookieStore().getCookies().size());
        } finally {
            CookieHandler.setDefault(before);
        }
    }

    @Test
    void shouldFollowRedirects() throws Exception {
        try (ScriptedServer last = ScriptedServer.answering(OK + "\r\nhello")) {
            String there = "Location: " + last.uri("/there") + "\r\n\r\n";
            try (ScriptedServer first = ScriptedServer.answering("HTTP/1.1 308 x\r\n" + there)) {
                assertArrayEquals(ScriptedServer.bytes("hello"), read(first, SMALL));
                assertTrue(last.requests().get(0).startsWith("GET /there HTTP/1.1\r\n"));
            }
        }
    }

    @Test
    void shouldNameWhereItWasRedirectedTo() throws Exception {
        try (ScriptedServer last = ScriptedServer.answering("HTTP/1.1 403 No\r\n\r\n")) {
            String there = "Location: " + last.uri("/there") + "\r\n\r\n";
            try (ScriptedServer first = ScriptedServer.answering("HTTP/1.1 302 x\r\n" + there)) {
                assertRefused(
                        first.uri("/x"),
                        SMALL,
                        ": redirected to '" + last.uri("/there") + "': 403 No");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/x|redirected more than 5 times, last to 'http://127.0.0.1:",
                "file:///etc/passwd|redirected to 'file:///etc/passwd': images are fetched by",
                "ftp://h/x|redirected to 'ftp://h/x': images are fetched by http and https only",
                "http://u:secret@h/x|redirected to 'http://h/x': has a user name or password",
                "a b|redirected to 'a b', which is not an address",
                "http:x|redirected to 'http:x': has no host"
            })
    void shouldNotGoEverywhere(String row) throws Exception {
        String[] parts = row.split("\\|", -1);
        String answer = "HTTP/1.1 301 Moved\r\nLocation: " + parts[0] + "\r\n\r\n";
        try (ScriptedServer server = ScriptedServer.answering(answer)) {
            assertRefused(server.uri("/x"), SMALL, parts[1]);
            assertTrue(server.requests().size() <= 6);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "|x|the server has not answered",
                OK + "|x|the server has not answered",
                OK + "Content-Length: 100000\r\n\r\n|x|bytes of 100000 arrived",
                OK + "\r\n|x|bytes arrived",
                OK + "Transfer-Encoding: chunked\r\n\r\n1;|x|0 bytes arrived",
                OK + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n|x|1 bytes arrived"
            })
    void shouldGiveUpOnAServerThatTrickles(String row) throws Exception {
        String[] parts = row.split("\\|", -1);
        try (ScriptedServer server = ScriptedServer.trickling(parts[0], 'x')) {
            // What has come until then depends on how busy this host is: it gets more time.
            String end = parts[2] + ". Raise FetchLimits.time.";
            String message;
            long millis = SOON.time().toMillis();
            do {
                FetchLimits limits = FetchLimits.DEFAULT.withTime(Duration.ofMillis(millis));
                message = refusal(server.uri("/x"), limits).getMessage();
                assertTrue(message.contains(": not fetched within "), message);
                millis *= 4;
            } while (!message.endsWith(end) && millis < 20_000);
            assertTrue(message.endsWith(end), message);
            server.awaitHangUp();
            awaitNoFetch();
        }
    }

    // The kernel takes the connection, and nobody ever reads from it.
    @Test
    void shouldGiveUpOnAServerThatIsSilent() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI location = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/x");
            assertRefused(location, SOON, ": not fetched within 300 ms, the server has not answ");
            awaitNoFetch();
        }
    }

    @Test
    void shouldGiveUpOnASilentServerThatShouldSpeakTls() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            URI location = URI.create("https://127.0.0.1:" + silent.getLocalPort() + "/x");
            assertRefused(location, SOON, ": not fetched within 300 ms, the server has not answ");
            awaitNoFetch();
        }
    }

    @Test
    void shouldSayThatThereIsNoConnection() throws Exception {
        try (Socket deaf = new Socket()) { // Its port is taken, so nobody else listens there.
            deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            URI location = URI.create("http://127.0.0.1:" + deaf.getLocalPort() + "/x");
            assertRefused(location, FetchLimits.DEFAULT, ": no connection: Connection refused");
            assertTrue(refusal(location, FetchLimits.DEFAULT).isUnreadable());
        }
    }

    @Test
    void shouldSayThatAHostIsUnknown() {
        URI location = URI.create("http://nosuchhost.invalid/x");
        // A resolver that does not answer takes its time.
        FetchLimits limits = FetchLimits.DEFAULT.withTime(Duration.ofSeconds(100));
        assertRefused(location, limits, ": no connection: unknown host");
    }

    @Test
    void shouldEndWhenInterrupted() throws Exception {
        try (ScriptedServer server = ScriptedServer.trickling(OK, 'x')) {
            Thread.currentThread().interrupt();
            assertThrows(
                    InterruptedException.class,
                    () -> ImageFetch.read(server.uri("/x"), FetchLimits.DEFAULT));
            awaitNoFetch();
        }
    }

    // Its thread ends when its socket is closed; nothing else stays of a fetch.
    private static void awaitNoFetch() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("jukvm-fetch")) {
                thread.join();
            }
        }
    }
}
