package jukvm.fetch;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A server on the loopback interface that answers as a test wants, be it HTTP or not. */
final class ScriptedServer implements AutoCloseable {
    private final ServerSocket socket;
    private final Answer answer;
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch hungUp = new CountDownLatch(1);

    /** Writes what a client gets; its connection is closed after it. */
    @FunctionalInterface
    interface Answer {
        void write(OutputStream out) throws IOException, InterruptedException;
    }

    private ScriptedServer(Answer answer) throws IOException {
        this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), answer);
    }

    private ScriptedServer(ServerSocket socket, Answer answer) {
        this.socket = socket;
        this.answer = answer;
        Thread thread = new Thread(this::serve, "scripted-server");
        thread.setDaemon(true);
        thread.start();
    }

    static ScriptedServer answering(Answer answer) throws IOException {
        return new ScriptedServer(answer);
    }

    /** Answers with these characters on a socket that is bound. */
    static ScriptedServer on(ServerSocket socket, String text) {
        return new ScriptedServer(socket, out -> out.write(bytes(text)));
    }

    /** Answers with these characters, and closes the connection. */
    static ScriptedServer answering(String text) throws IOException {
        return new ScriptedServer(out -> out.write(bytes(text)));
    }

    /** Answers with these characters at once, then with one byte every 20 ms while it can. */
    static ScriptedServer trickling(String text, char then) throws IOException {
        return new ScriptedServer(
                out -> {
                    out.write(bytes(text));
                    while (true) {
                        out.write(then);
                        Thread.sleep(20);
                    }
                });
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private void serve() {
        try {
            while (true) {
                try (Socket client = socket.accept()) {
                    serve(client);
                }
            }
        } catch (IOException e) {
            // The test is over.
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void serve(Socket client) throws InterruptedException {
        try {
            client.setTcpNoDelay(true);
            requests.add(head(client.getInputStream()));
            answer.write(client.getOutputStream());
        } catch (IOException e) {
            hungUp.countDown();
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int b = in.read();
            if (b < 0) {
                break;
            }
            head.append((char) b);
        }
        return head.toString();
    }

    /** Returns the heads of the requests so far. */
    List<String> requests() {
        return requests;
    }

    /** Waits until a client has closed its connection while it was being answered. */
    void awaitHangUp() throws InterruptedException {
        hungUp.await();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort() + path);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
