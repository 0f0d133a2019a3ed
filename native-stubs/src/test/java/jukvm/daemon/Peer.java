package jukvm.daemon;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.SocketMessage;

/** The other end of a client's socket, which keeps to the rules or not. */
final class Peer implements AutoCloseable {
    private static final int SHUT_WR = 1;

    final SocketMessage message = new SocketMessage(DaemonProtocol.LONGEST_HELLO);
    final Fd socket;

    private Peer(Fd socket) {
        this.socket = socket;
    }

    /** Makes one of a socket that is connected, which it closes. */
    static Peer of(Fd socket) {
        return new Peer(socket);
    }

    static Peer connect(Path path) {
        Fd socket = SocketAddress.socket("peer");
        try (SocketAddress address = new SocketAddress(path)) {
            int result = address.connect(socket);
            if (result < 0) {
                throw new AssertionError("connect: " + result);
            }
        }
        return new Peer(socket);
    }

    ByteBuffer at() {
        return message.bytes();
    }

    /** Lays out a hello of no advances. */
    Peer hello(String... words) {
        ByteBuffer at = at().clear();
        at.putInt(DaemonProtocol.HELLO).putInt(words.length).putLong(17);
        at.putLong(1).putLong(2).putLong(3).putLong(4);
        at.putInt(-2).putInt(-2).putInt(0).putInt(0);
        for (String word : words) {
            at.put(word.getBytes(UTF_8)).put((byte) 0);
        }
        return this;
    }

    /** Lays out an answer. */
    Peer answer(int result) {
        at().clear()
                .putInt(DaemonProtocol.ANSWER)
                .putInt(result)
                .position(DaemonProtocol.ANSWER_SIZE);
        return this;
    }

    /** Lays out a message of its kind alone. */
    Peer kind(int kind) {
        at().clear().putInt(kind).putInt(2);
        return this;
    }

    /** Lays out that it was told something by a signal. */
    Peer notice(int signal) {
        at().clear().putInt(DaemonProtocol.SIGNAL).putInt(signal);
        return this;
    }

    int send(int... descriptors) {
        return message.send(socket, descriptors);
    }

    /** Returns the kind of what comes next, 0 at the end. */
    int receive() {
        return message.receive(socket) > 0 ? at().getInt(DaemonProtocol.KIND) : 0;
    }

    void endSending() {
        Libc.get().syscall(Libc.SYS_SHUTDOWN, socket.number(), SHUT_WR, 0, 0, 0);
    }

    @Override
    public void close() {
        message.close();
        socket.close();
    }
}
