package jukvm.daemon;

import java.nio.ByteBuffer;
import jukvm.libc.SocketMessage;

/**
 * What a client was told by signals, as it passes them on without being asked. Messages are taken
 * by one thread at a time; any may ask.
 */
final class ClientSignals {
    private volatile boolean toEnd;
    private volatile boolean paused;

    /** Takes what was not asked for; returns whether that was a signal. */
    boolean take(SocketMessage from) {
        from.closeDescriptors();
        ByteBuffer bytes = from.bytes();
        if (DaemonProtocol.kind(from) != DaemonProtocol.SIGNAL
                || bytes.limit() != DaemonProtocol.NOTICE_SIZE) {
            return false;
        }
        switch (bytes.getInt(DaemonProtocol.NUMBER)) {
            case DaemonProtocol.SIGTSTP, DaemonProtocol.SIGTTIN, DaemonProtocol.SIGTTOU ->
                    paused = true;
            case DaemonProtocol.SIGCONT -> paused = false;
            default -> toEnd = true;
        }
        return true;
    }

    /** Returns whether one was to end the client. */
    boolean isToEnd() {
        return toEnd;
    }

    /** Returns whether one was to stop the client, and none since then to have it go on. */
    boolean isPaused() {
        return paused;
    }
}
