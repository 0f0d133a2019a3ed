package jukvm.bench.net;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;

/**
 * What guests are held against: a thread of this JVM that answers the questions of {@link
 * HttpMeter} by the host's own sockets, one connection after another. It digests nothing.
 */
final class PlainServer implements AutoCloseable {
    private static final int CHUNK = 1 << 18;
    private static final String HEAD = "HTTP/1.1 200 OK\r\nContent-Length: ";

    private final ServerSocket listener;

    private PlainServer(ServerSocket listener) {
        this.listener = listener;
    }

    /** Starts it at a free port of the loopback interface. */
    static PlainServer start() throws IOException {
        PlainServer server =
                new PlainServer(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
        Thread thread = new Thread(server::serve, "plain server");
        thread.setDaemon(true);
        thread.start();
        return server;
    }

    InetSocketAddress address() {
        return (InetSocketAddress) listener.getLocalSocketAddress();
    }

    private void serve() {
        byte[] chunk = new byte[CHUNK];
        while (!listener.isClosed()) {
            try (Socket socket = listener.accept();
                    InputStream in = new BufferedInputStream(socket.getInputStream(), CHUNK)) {
                socket.setTcpNoDelay(true);
                while (answer(in, socket.getOutputStream(), chunk)) {
                    // The connection is kept.
                }
            } catch (IOException e) {
                // The client has gone, or this is closed.
            }
        }
    }

    private static boolean answer(InputStream in, OutputStream out, byte[] chunk)
            throws IOException {
        String request = head(in);
        if (request.startsWith("GET /bytes/")) {
            long size = Long.parseLong(request.substring(11, request.indexOf(' ', 11)));
            out.write((HEAD + size + "\r\n\r\n").getBytes(US_ASCII));
            for (long left = size; left > 0; left -= CHUNK) {
                out.write(chunk, 0, (int) Math.min(left, CHUNK));
            }
            return false;
        }
        if (request.startsWith("POST ")) {
            String name = "Content-Length: ";
            int from = request.indexOf(name) + name.length();
            long left = Long.parseLong(request.substring(from, request.indexOf('\r', from)));
            while (left > 0) {
                int got = in.read(chunk, 0, (int) Math.min(left, CHUNK));
                if (got < 0) {
                    return false;
                }
                left -= got;
            }
        }
        out.write((HEAD + "25\r\n\r\n" + "Hello from plain sockets\n").getBytes(US_ASCII));
        return request.startsWith("GET / ");
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                return "";
            }
            head.append((char) next);
        }
        return head.toString();
    }

    @Override
    public void close() throws IOException {
        listener.close();
    }
}
