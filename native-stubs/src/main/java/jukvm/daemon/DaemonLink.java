package jukvm.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import jukvm.libc.Fd;
import jukvm.libc.SocketMessage;

/** What is asked of a daemon by other programs than its clients: its state, and its end. */
public final class DaemonLink {
    private static final int PATIENCE_SECONDS = 10;
    private static final int ANSWER = 8192;

    private DaemonLink() {}

    /**
     * What a daemon says of itself.
     *
     * @param build of which it is
     * @param pid of its process, 0 if that is not to be seen from here
     * @param text for a person
     */
    public record Answer(Build build, int pid, String text) {}

    /**
     * Asks the daemon at a path.
     *
     * @param request STATUS, RETIRE or STOP
     * @return none if there is no daemon of this user, or it does not answer
     */
    public static Optional<Answer> ask(Path path, Client.Request request) {
        int kind =
                switch (request) {
                    case STATUS -> DaemonProtocol.STATUS;
                    case RETIRE -> DaemonProtocol.RETIRE;
                    case STOP -> DaemonProtocol.STOP;
                    case RUN, UNKNOWN, NOTHING -> throw new IllegalArgumentException(request + "");
                };
        try (SocketAddress address = new SocketAddress(path);
                Fd socket = SocketAddress.socket(path.toString());
                SocketMessage message = new SocketMessage(ANSWER)) {
            SocketAddress.setTimeout(socket, PATIENCE_SECONDS);
            if (address.connect(socket) < 0) {
                return Optional.empty();
            }
            ByteBuffer at = message.bytes();
            int pid = SocketAddress.peer(socket, ClientListener.user(), at);
            at.clear().putInt(kind);
            if (pid < 0
                    || message.send(socket) < 0
                    || message.receive(socket) <= DaemonProtocol.TEXT) {
                return Optional.empty();
            }
            byte[] text = new byte[at.limit() - DaemonProtocol.TEXT - 1];
            at.get(DaemonProtocol.TEXT, text);
            Build build = Build.read(at, DaemonProtocol.QUESTION_ARGUMENT);
            return Optional.of(new Answer(build, pid, new String(text, UTF_8)));
        }
    }
}
