package jukvm.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import jukvm.libc.Fd;
import jukvm.libc.SocketMessage;

/** What is asked of a daemon by other programs than its clients: its state, and its end. */
public final class DaemonLink {
    private static final int PATIENCE_SECONDS = 5;
    private static final int ANSWER = 8192;

    private DaemonLink() {}

    /**
     * Returns what the daemon at a path says of itself; none if there is none, or it does not
     * answer.
     */
    public static Optional<String> status(Path path) {
        return ask(path, Wire.STATUS);
    }

    /** Has the daemon at a path end, and its guests before it; returns what it says, as above. */
    public static Optional<String> stop(Path path) {
        return ask(path, Wire.STOP);
    }

    private static Optional<String> ask(Path path, int kind) {
        try (SocketAddress address = new SocketAddress(path);
                Fd socket = SocketAddress.socket(path.toString());
                SocketMessage message = new SocketMessage(ANSWER)) {
            if (address.connect(socket) < 0) {
                return Optional.empty();
            }
            SocketAddress.setReceiveTimeout(socket, PATIENCE_SECONDS);
            ByteBuffer at = message.bytes();
            at.clear().putInt(kind);
            if (message.send(socket) < 0 || message.receive(socket) <= Wire.TEXT) {
                return Optional.empty();
            }
            byte[] text = new byte[at.limit() - Wire.TEXT - 1];
            at.get(Wire.TEXT, text);
            return Optional.of(new String(text, UTF_8));
        }
    }
}
