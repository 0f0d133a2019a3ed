package jukvm.net;

import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.io.Requester;
import jukvm.libc.EpollSet;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Stat;
import org.jspecify.annotations.Nullable;

/**
 * Frames over a socket that waits for its peer at a path, one peer after another: who breaks the
 * framing is cut off, and the next is served. While there is none, nothing comes and what is
 * written is dropped.
 */
final class FrameServer extends FrameChannel {
    private static final Libc LIBC = Libc.get();
    private static final int BIT = 0;

    // Readable while the one of both that counts is.
    private final EpollSet set;
    private final Fd listener;
    private final Requester caller;
    private final String path;
    private final @Nullable Stat file;
    private @Nullable FrameStream peer;

    private FrameServer(EpollSet set, Fd listener, Requester caller, String path) {
        super(set.fd());
        this.set = set;
        this.listener = listener;
        this.caller = caller;
        this.path = path;
        this.file = stat(caller, path);
        set.add(BIT, listener);
    }

    /**
     * Waits at a path from now on. A socket that nobody waits at any more is replaced.
     *
     * @throws HostException if the caller may not, or somebody else waits there
     */
    static FrameServer listen(Requester caller, String path) {
        int result = caller.listen(path);
        if (result == -Errno.EADDRINUSE && isLeft(caller, path)) {
            caller.unlink(path);
            result = caller.listen(path);
        }
        if (result == -Errno.EADDRINUSE) {
            String remedy = "Another process waits there, or it is no socket; name another path.";
            throw Errno.exception(path + ": bind", -result, remedy);
        }
        Fd listener = Fd.of(result, path, "bind");
        try {
            return new FrameServer(EpollSet.open(), listener, caller, path);
        } catch (HostException e) {
            listener.close();
            throw e;
        }
    }

    private static boolean isLeft(Requester caller, String path) {
        Stat there = stat(caller, path);
        if (there == null || !there.is(Stat.SOCKET)) {
            return false; // A file refuses connections, too.
        }
        int connected = caller.connect(path);
        if (connected >= 0) {
            LIBC.close(connected);
        }
        return connected == -Errno.ECONNREFUSED;
    }

    private static @Nullable Stat stat(Requester caller, String path) {
        int number = caller.open(path, Libc.O_PATH | Libc.O_NOFOLLOW, 0);
        if (number < 0) {
            return null;
        }
        try (Fd there = Fd.of(number, path, "open")) {
            return Stat.of(there);
        }
    }

    @Override
    public boolean read(ByteBuffer into) {
        FrameStream stream = peer();
        try {
            return stream != null && stream.read(into);
        } catch (HostException e) {
            leave();
            return false;
        }
    }

    @Override
    public boolean write(ByteBuffer frame) {
        FrameStream stream = peer();
        try {
            return stream != null && stream.write(frame);
        } catch (HostException e) {
            leave();
            return false;
        }
    }

    private @Nullable FrameStream peer() {
        if (peer == null) {
            int flags = Libc.SOCK_CLOEXEC;
            int result = (int) LIBC.syscall(Libc.SYS_ACCEPT4, listener.number(), 0, 0, flags, 0);
            if (result < 0) {
                return null; // None has come, or there is no descriptor for it now.
            }
            Fd socket = Fd.of(result, path, "accept");
            try {
                peer = new FrameStream(socket);
            } catch (HostException e) {
                socket.close();
                return null;
            }
            set.remove(listener);
            set.add(BIT, socket);
        }
        return peer;
    }

    private void leave() {
        if (peer != null) {
            set.remove(peer.fd());
            set.add(BIT, listener);
            peer.close();
            peer = null;
        }
    }

    /** Waits no more, and removes the path if it is still this socket's. */
    @Override
    public void close() {
        if (peer != null) {
            peer.close();
        }
        Stat now = stat(caller, path);
        if (file != null && now != null && now.isSameFile(file)) {
            caller.unlink(path);
        }
        listener.close();
        set.close();
    }
}
