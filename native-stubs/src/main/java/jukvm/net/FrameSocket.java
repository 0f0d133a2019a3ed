package jukvm.net;

import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.io.Requester;
import jukvm.io.UnixAddress;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.text.HostText;

/** Unix sockets at paths, over which frames are exchanged. */
public final class FrameSocket {
    private FrameSocket() {}

    /**
     * Connects to a socket where a peer waits, with the caller's rights and in its directory.
     *
     * @throws ConfigException if no socket can have that path
     * @throws HostException if nobody waits there or the caller may not connect, with what to do
     */
    public static FrameChannel connect(Requester caller, String path) {
        requireShort(path);
        int result = caller.connect(path);
        String remedy =
                switch (-result) {
                    case Errno.ENOENT, Errno.ECONNREFUSED -> "Start what is to wait there first";
                    case Errno.EPROTOTYPE -> "It must be a stream socket";
                    case Errno.EAGAIN -> "Whoever waits there takes no more";
                    default -> "";
                };
        if (result < 0) {
            throw Errno.exception(path + ": connect", -result, remedy);
        }
        Fd socket = Fd.of(result, path, "connect");
        try {
            return new FrameStream(socket);
        } catch (HostException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Makes a socket at a path where peers can connect, with the caller's rights and in its
     * directory.
     *
     * @throws ConfigException if no socket can have that path
     * @throws HostException if the caller may not, or somebody else waits there
     */
    public static FrameChannel listen(Requester caller, String path) {
        requireShort(path);
        return FrameServer.listen(caller, path);
    }

    private static void requireShort(String path) {
        int length = HostText.encode(path).length;
        if (length == 0 || length > UnixAddress.LONGEST || path.indexOf('\0') >= 0) {
            throw new ConfigException(
                    "'"
                            + path
                            + "': is no path of a socket: 1 to "
                            + UnixAddress.LONGEST
                            + " bytes");
        }
    }
}
