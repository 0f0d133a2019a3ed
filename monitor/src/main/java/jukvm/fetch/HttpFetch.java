package jukvm.fetch;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import jukvm.error.ImageException;
import jukvm.text.Printable;
import org.jspecify.annotations.Nullable;

/**
 * One fetch of an image's bytes by HTTP/1.1, over connections of its own that end with it. Sent are
 * address, host and the name of this program, nothing that was kept from before.
 *
 * <p>The fetch has a thread to itself, and whoever asked for it waits no longer than the limit:
 * then the socket is closed under it, which ends any connect, handshake, read or write at once.
 * Only a look-up of a host name cannot be ended; its thread is a daemon and goes when the resolver
 * gives up. The server is hostile.
 */
final class HttpFetch implements AutoCloseable {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final int MAX_REDIRECTS = 5;
    private static final String AGENT =
            "jukvm/"
                    + Objects.requireNonNullElse(
                            HttpFetch.class.getPackage().getImplementationVersion(), "0");

    private final ImageAddress from;
    private final FetchLimits limits;
    private final long began = System.nanoTime();
    private @Nullable Socket socket;
    private boolean closed;
    private byte[] bytes = {};
    private volatile Supplier<String> progress = () -> "the host is not found yet";

    private HttpFetch(ImageAddress from, FetchLimits limits) {
        this.from = from;
        this.limits = limits;
    }

    /**
     * Returns the bytes of an image; hostile.
     *
     * @throws ImageException if they cannot be had within the limits; the message begins with the
     *     address
     * @throws InterruptedException if the calling thread is interrupted
     */
    static byte[] read(ImageAddress from, FetchLimits limits) throws InterruptedException {
        try (HttpFetch fetch = new HttpFetch(from, limits)) {
            return fetch.await();
        } catch (ImageException e) {
            throw e.about(from.toString());
        }
    }

    private byte[] await() throws InterruptedException {
        FutureTask<byte[]> task = new FutureTask<>(this::follow);
        Thread thread = new Thread(task, "jukvm-fetch");
        thread.setDaemon(true);
        thread.start();
        try {
            return task.get(left(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw e.getCause() instanceof RuntimeException known
                    ? known
                    : new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw late();
        }
    }

    private long left() {
        return limits.time().toNanos() - (System.nanoTime() - began);
    }

    private ImageException late() {
        long nanos = limits.time().toNanos();
        String time = nanos % SECOND == 0 ? nanos / SECOND + " s" : nanos / 1_000_000 + " ms";
        return ImageException.unreadable(
                "not fetched within " + time + ", " + progress.get() + ". Raise FetchLimits.time.");
    }

    private byte[] follow() {
        ImageAddress at = from;
        for (int redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
            try {
                Optional<String> elsewhere = ask(at);
                if (elsewhere.isEmpty()) {
                    return bytes;
                }
                at = at.redirected(elsewhere.get());
            } catch (ImageException e) {
                throw redirects == 0 ? e : e.about("redirected to " + shown(at));
            }
        }
        throw ImageException.unreadable(
                "redirected more than " + MAX_REDIRECTS + " times, last to " + shown(at));
    }

    private static String shown(ImageAddress at) {
        return "'" + Printable.of(at.toString()) + "'";
    }

    // Sets the bytes, or returns where the server sends us on to.
    private Optional<String> ask(ImageAddress at) {
        String failed = "no connection";
        try (Socket plain = connect(at);
                Socket line = at.isSecure() ? Tls.over(plain, at) : plain) {
            failed = "no answer";
            line.getOutputStream().write(request(at));
            InputStream in = new BufferedInputStream(line.getInputStream());
            HttpReply reply = HttpReply.read(in);
            if (reply.redirect().isPresent()) {
                return reply.redirect();
            }
            failed = "connection lost";
            HttpBody body = reply.body(in);
            progress = body::progress;
            bytes = body.read((int) limits.bytes());
            return Optional.empty();
        } catch (IOException e) {
            throw ImageException.unreadable(failed + ": " + reason(e));
        } catch (OutOfMemoryError e) {
            throw ImageException.unreadable(
                    "does not fit the Java heap of "
                            + Runtime.getRuntime().maxMemory()
                            + " bytes; raise -Xmx");
        }
    }

    private static byte[] request(ImageAddress at) {
        return String.join(
                        "\r\n",
                        "GET " + at.target() + " HTTP/1.1",
                        "Host: " + at.authority(),
                        "User-Agent: " + AGENT,
                        "Accept: */*",
                        "Accept-Encoding: identity",
                        "Connection: close",
                        "",
                        "")
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String reason(IOException e) {
        if (e instanceof UnknownHostException) {
            return "unknown host";
        }
        return e.getMessage() == null ? e.getClass().getSimpleName() : Printable.of(e.getMessage());
    }

    // A host with several addresses is tried at each of them, in equal parts of the time; the last
    // has what is left of it.
    private Socket connect(ImageAddress at) throws IOException {
        InetAddress[] addresses = InetAddress.getAllByName(at.host());
        progress = () -> "no connection";
        for (int i = 0; i < addresses.length - 1; i++) {
            long part = left() / (addresses.length - i) / 1_000_000;
            try {
                return connect(addresses[i], at.port(), (int) Math.min(part, Integer.MAX_VALUE));
            } catch (IOException e) {
                // Another may answer.
            }
        }
        return connect(addresses[addresses.length - 1], at.port(), 0);
    }

    private Socket connect(InetAddress address, int port, int millis) throws IOException {
        Socket next = opened();
        try {
            next.connect(new InetSocketAddress(address, port), Math.max(0, millis));
            next.setTcpNoDelay(true);
            progress = () -> "the server has not answered";
            return next;
        } catch (IOException e) {
            next.close();
            throw e;
        }
    }

    private synchronized Socket opened() throws IOException {
        if (closed) {
            throw new IOException("given up");
        }
        socket = new Socket();
        return socket;
    }

    /** Ends the fetch, wherever it is. */
    @Override
    public synchronized void close() {
        closed = true;
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            // It is of no use any more.
        }
    }
}
