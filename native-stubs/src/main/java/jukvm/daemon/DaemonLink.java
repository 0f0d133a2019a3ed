package jukvm.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import jukvm.error.ConfigException;
import jukvm.io.SparseOutput;
import jukvm.io.SparseReceiver;
import jukvm.libc.Fd;
import jukvm.libc.FdPair;
import jukvm.libc.SocketMessage;

/**
 * What is asked of a daemon by other programs than its clients: its state, its end, a core of a
 * guest of its.
 */
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
                    case RUN, CORE, UNKNOWN, NOTHING ->
                            throw new IllegalArgumentException(request + "");
                };
        try (Fd socket = SocketAddress.socket(path.toString());
                SocketMessage message = new SocketMessage(ANSWER)) {
            ByteBuffer at = message.bytes();
            int pid = connect(path, socket, at);
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

    // Returns the daemon's process, 0 if that is not to be seen from here; negative if there is
    // none
    // of this user.
    private static int connect(Path path, Fd socket, ByteBuffer scratch) {
        try (SocketAddress address = new SocketAddress(path)) {
            SocketAddress.setTimeout(socket, PATIENCE_SECONDS);
            return address.connect(socket) < 0
                    ? -1
                    : SocketAddress.peer(socket, ClientListener.user(), scratch);
        }
    }

    /**
     * Has the daemon at a path send a core of the guest of one of its clients, which is written as
     * it comes.
     *
     * @param pid the client's process
     * @param longest how long it may be, in bytes
     * @throws jukvm.error.ConfigException if there is no daemon of this user, or it has no such
     *     guest
     * @throws jukvm.error.HostException if it does not come whole
     */
    public static void copyCore(Path path, int pid, SparseOutput to, long longest) {
        String name = "process " + pid;
        try (FdPair pipe = FdPair.pipe(name);
                Fd socket = SocketAddress.socket(path.toString());
                SocketMessage message = new SocketMessage(ANSWER);
                SparseReceiver from = new SparseReceiver(pipe.first().number(), name)) {
            ByteBuffer at = message.bytes();
            boolean isThere = connect(path, socket, at) >= 0;
            at.clear().putInt(DaemonProtocol.CORE).putInt(pid);
            if (!isThere || message.send(socket, pipe.second().number()) < 0) {
                throw new ConfigException(name + ": its daemon is not found at " + path);
            }
            pipe.second().close(); // So that the daemon's end is that of the pipe.
            from.copyTo(to, longest);
        }
    }
}
