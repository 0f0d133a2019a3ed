package jukvm.daemon;

import jukvm.libc.SocketMessage;

/** Room for the messages of one client after the other. Used by the thread that serves them. */
public final class MessageBuffer implements AutoCloseable {
    private final SocketMessage message = new SocketMessage(DaemonProtocol.LONGEST_HELLO);

    SocketMessage message() {
        return message;
    }

    @Override
    public void close() {
        message.close();
    }
}
