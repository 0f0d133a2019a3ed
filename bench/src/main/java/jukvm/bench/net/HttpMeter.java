package jukvm.bench.net;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import jukvm.bench.load.Samples;

/** A client that measures what a server of HTTP as the guest http is does by one connection. */
final class HttpMeter {
    private static final int LIMIT_MILLIS = 30_000;
    private static final int CHUNK = 1 << 18;
    private static final String HOST = " HTTP/1.1\r\nHost: a\r\n";
    private static final String CLOSE = "Connection: close\r\n\r\n";
    private static final byte[] GET = ("GET /" + HOST + "\r\n").getBytes(US_ASCII);
    private static final String OK = "HTTP/1.1 200 ";

    private final InetSocketAddress server;
    private final byte[] chunk = new byte[CHUNK];

    HttpMeter(InetSocketAddress server) {
        this.server = server;
    }

    /** A connection, which an interrupt closes. */
    private record Connection(SocketChannel channel, InputStream in, OutputStream out)
            implements AutoCloseable {
        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    private Connection connect() throws IOException {
        SocketChannel channel = SocketChannel.open(server);
        try {
            Socket socket = channel.socket();
            socket.setTcpNoDelay(true);
            socket.setSoTimeout(LIMIT_MILLIS);
            return new Connection(channel, socket.getInputStream(), socket.getOutputStream());
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Returns the median of how long a page of 25 bytes takes by an open connection, in µs. */
    double roundTrip(double seconds) throws IOException {
        Samples samples = new Samples();
        try (Connection connection = connect()) {
            connection.out().write(GET);
            int length = readPage(connection.in());
            long start = System.nanoTime();
            long now = start;
            while (now - start < seconds * 1e9) {
                connection.out().write(GET);
                require(connection.in().readNBytes(chunk, 0, length) == length, "a page");
                long then = System.nanoTime();
                samples.add(then - now);
                now = then;
            }
        }
        return samples.median();
    }

    // Returns how long the answer is with its head.
    private int readPage(InputStream in) throws IOException {
        int length = 0;
        while (length < 2 || chunk[length - 1] != '\n' || chunk[length - 2] == '\r') {
            int got = in.read(chunk, length, CHUNK - length);
            require(got > 0, "a page");
            length += got;
        }
        require(text(length).startsWith(OK), text(length));
        return length;
    }

    /** Returns how long the server takes to send so many bytes, in s. */
    double down(long bytes) throws IOException {
        try (Connection connection = connect()) {
            long start = System.nanoTime();
            String request = "GET /bytes/" + bytes + HOST + CLOSE;
            connection.out().write(request.getBytes(US_ASCII));
            long received = readAll(connection.in());
            require(received > bytes, received + " bytes instead of " + bytes);
            return (System.nanoTime() - start) / 1e9;
        }
    }

    /** Returns how long the server takes to receive so many bytes and to digest them, in s. */
    double up(long bytes) throws IOException {
        try (Connection connection = connect()) {
            long start = System.nanoTime();
            String request = "POST /digest" + HOST + "Content-Length: " + bytes + "\r\n" + CLOSE;
            connection.out().write(request.getBytes(US_ASCII));
            for (long left = bytes; left > 0; left -= CHUNK) {
                connection.out().write(chunk, 0, (int) Math.min(left, CHUNK));
            }
            int received = (int) readAll(connection.in());
            require(text(received).startsWith(OK), text(received));
            return (System.nanoTime() - start) / 1e9;
        }
    }

    // Of what is short, the chunk has all then.
    private long readAll(InputStream in) throws IOException {
        long all = 0;
        int place = 0;
        int got = in.read(chunk);
        while (got > 0) {
            all += got;
            place = all < CHUNK / 2 ? (int) all : 0;
            got = in.read(chunk, place, CHUNK - place);
        }
        return all;
    }

    private String text(int length) {
        return new String(chunk, 0, Math.min(length, CHUNK), US_ASCII);
    }

    private static void require(boolean condition, String what) throws IOException {
        if (!condition) {
            throw new IOException("not as it must be: " + what);
        }
    }
}
