package jukvm.bench.action;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Arrays;

/**
 * The answer to one HTTP request, by {@link System#nanoTime}.
 *
 * @param firstByte when its first byte was there; 0 if none came
 * @param whole when its last byte was there
 * @param failure what was wrong with it; empty if nothing was
 */
record HttpAnswer(long firstByte, long whole, String failure) {
    private static final int LIMIT_MILLIS = 30_000;
    private static final byte[] REQUEST =
            "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".getBytes(US_ASCII);
    private static final byte[] EXPECTED =
            String.join(
                            "\r\n",
                            "HTTP/1.1 200 OK",
                            "Connection: close",
                            "Content-Type: text/plain",
                            "Content-Length: 25",
                            "",
                            "Hello from a jukvm guest\n")
                    .getBytes(US_ASCII);

    /**
     * Asks a server by a connection of its own, and waits until it has closed it.
     *
     * @throws InterruptedException if the thread is interrupted; the connection is closed then
     */
    static HttpAnswer ask(InetSocketAddress server) throws InterruptedException {
        byte[] answer = new byte[EXPECTED.length + 1]; // What is too long shows.
        int length = 0;
        long first = 0;
        long last = 0;
        // A channel, since a thread that waits for one can be interrupted.
        try (SocketChannel channel = SocketChannel.open(server)) {
            Socket socket = channel.socket();
            socket.setSoTimeout(LIMIT_MILLIS);
            channel.write(ByteBuffer.wrap(REQUEST));
            InputStream in = socket.getInputStream();
            int got = in.read(answer);
            while (got > 0) {
                last = System.nanoTime();
                first = first == 0 ? last : first;
                length += got;
                got = in.read(answer, length, answer.length - length);
            }
        } catch (IOException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            return new HttpAnswer(first, System.nanoTime(), "no answer: " + e.getMessage());
        }
        boolean same = Arrays.equals(answer, 0, length, EXPECTED, 0, EXPECTED.length);
        return new HttpAnswer(first, last, same ? "" : "answered something else");
    }
}
