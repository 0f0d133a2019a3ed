package jukvm.bench.action;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

final class HttpAnswerTest {
    private static final String RIGHT =
            """
            HTTP/1.1 200 OK\r
            Connection: close\r
            Content-Type: text/plain\r
            Content-Length: 25\r
            \r
            Hello from a jukvm guest
            """;

    private static HttpAnswer askedOf(String... parts) throws IOException, InterruptedException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread thread = new Thread(() -> answer(server, parts));
            thread.start();
            HttpAnswer answer = HttpAnswer.ask((InetSocketAddress) server.getLocalSocketAddress());
            thread.join();
            return answer;
        }
    }

    private static void answer(ServerSocket server, String... parts) {
        try (Socket socket = server.accept()) {
            StringBuilder request = new StringBuilder();
            while (request.indexOf("\r\n\r\n") < 0) {
                request.append((char) socket.getInputStream().read());
            }
            assertTrue(request.toString().startsWith("GET / HTTP/1.1\r\n"));
            for (String part : parts) {
                socket.getOutputStream().write(part.getBytes(US_ASCII));
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void shouldTakeTheAnswerInWhateverPieces() throws Exception {
        HttpAnswer answer =
                askedOf(RIGHT.substring(0, 7), RIGHT.substring(7, 50), RIGHT.substring(50));
        assertEquals("", answer.failure());
        assertTrue(answer.firstByte() <= answer.whole());
    }

    @Test
    void shouldSeeWhateverIsWrongWithIt() throws Exception {
        String other = "answered something else";
        assertEquals(other, askedOf().failure());
        assertEquals(other, askedOf(RIGHT.substring(1)).failure());
        assertEquals(other, askedOf(RIGHT, "x").failure());
        assertEquals(other, askedOf(RIGHT.substring(0, RIGHT.length() - 1)).failure());
        assertEquals(other, askedOf(RIGHT.replace("200 OK", "500 NO")).failure());
    }

    @Test
    void shouldSayThatNobodyIsThere() throws Exception {
        ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        server.close();
        InetSocketAddress nobody =
                new InetSocketAddress(InetAddress.getLoopbackAddress(), server.getLocalPort());
        assertEquals("no answer: Connection refused", HttpAnswer.ask(nobody).failure());
    }
}
