package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What connects to a guest as gdb does, and says what gdb may never say. */
public final class GdbPeer implements AutoCloseable {
    private static final Pattern PLACE = Pattern.compile("target remote (\\S+)");

    private final Socket socket;
    private final InputStream from;

    private GdbPeer(Socket socket) throws IOException {
        this.socket = socket;
        this.from = socket.getInputStream();
    }

    /** Waits until a run says where gdb is to connect. */
    public static String place(BackgroundCommand run) throws Exception {
        long start = System.nanoTime();
        while (true) {
            Matcher told = PLACE.matcher(run.errors());
            if (told.find()) {
                return told.group(1);
            }
            assertTrue(run.isAlive(), run.errors());
            assertTrue(System.nanoTime() - start < Command.PATIENCE.toNanos(), run.errors());
            Thread.sleep(10);
        }
    }

    /** Connects to where a run says, which is a port of this host alone. */
    public static GdbPeer connect(BackgroundCommand run) throws Exception {
        String place = place(run);
        assertTrue(place.startsWith("127.0.0.1:"), place);
        return connect(Integer.parseInt(place.substring(place.indexOf(':') + 1)));
    }

    public static GdbPeer connect(int port) throws IOException {
        return new GdbPeer(new Socket(InetAddress.getLoopbackAddress(), port));
    }

    /** Sends bytes as they are. */
    public void sendRaw(String bytes) throws IOException {
        socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends a packet. */
    public void send(String payload) throws IOException {
        sendRaw(String.format("$%s#%02x", payload, payload.chars().sum() & 0xff));
    }

    /** Returns the payload of the next packet, empty when there are no more. */
    public String receive() throws IOException {
        int octet = from.read();
        while (octet >= 0 && octet != '$') {
            octet = from.read();
        }
        StringBuilder text = new StringBuilder();
        octet = from.read();
        while (octet >= 0 && octet != '#') {
            text.append((char) octet);
            octet = from.read();
        }
        from.readNBytes(2);
        return text.toString();
    }

    /** Returns the answer to a packet. */
    public String ask(String payload) throws IOException {
        send(payload);
        return receive();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
