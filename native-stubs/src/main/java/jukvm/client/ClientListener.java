package jukvm.client;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;

/**
 * The socket that clients connect to. Only those of this process's own user get through, whoever
 * can reach it. {@link #accept} may be called by many threads at once, {@link #close} by any.
 *
 * <p>Source: unix(7), SOCK_SEQPACKET and SO_PEERCRED.
 */
public final class ClientListener implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final int BACKLOG = 1024;
    private static final Duration FULL = Duration.ofMillis(10);
    private static final int SHUT_RDWR = 2;

    // struct ucred: pid i32 @0, uid u32 @4, gid u32 @8; after it a socklen_t.
    private static final int SO_PEERCRED = 17;
    private static final int UID = 4;
    private static final int UCRED = 12;

    private final Fd socket;
    private final int user;
    private volatile boolean closed;

    private ClientListener(Fd socket, int user) {
        this.socket = socket;
        this.user = user;
    }

    /**
     * Listens at a path where there is nothing yet.
     *
     * @param idleSeconds after which {@link #accept} comes back without a client
     * @throws HostException if the kernel refuses
     * @throws ConfigException if no socket can have so long a path
     */
    public static ClientListener open(Path path, int idleSeconds) {
        Fd socket = SocketAddress.socket(path.toString());
        try (SocketAddress address = new SocketAddress(path)) {
            address.bind(socket);
            check(path, "listen", LIBC.syscall(Libc.SYS_LISTEN, socket.number(), BACKLOG, 0, 0, 0));
            SocketAddress.setTimeout(socket, idleSeconds);
            return new ClientListener(socket, user());
        } catch (HostException e) {
            socket.close();
            throw e;
        }
    }

    /** Returns the number of the user that this process belongs to. */
    public static int user() {
        return (int) LIBC.syscall(Libc.SYS_GETEUID, 0, 0, 0, 0, 0);
    }

    private static void check(Path path, String operation, long result) {
        if (result < 0) {
            throw Errno.exception(path + ": " + operation, (int) -result);
        }
    }

    /**
     * Waits for a client.
     *
     * @param room used by that client until it is closed
     * @return none if none came for some time, if another user's came, or if this is closed
     */
    public Optional<Client> accept(MessageRoom room) {
        int result = acceptOne();
        if (result < 0) {
            if (result == -Errno.EMFILE || result == -Errno.ENFILE) {
                LockSupport.parkNanos(
                        FULL.toNanos()); // Until others have ended; else it would spin.
            }
            return Optional.empty();
        }
        Fd connected = Fd.of(result, "client", "accept");
        int pid = admitted(connected, room.message().bytes());
        if (pid < 0 || closed) {
            connected.close();
            return Optional.empty();
        }
        return Optional.of(new Client(connected, pid, room.message()));
    }

    private int acceptOne() {
        return (int) LIBC.syscall(Libc.SYS_ACCEPT4, socket.number(), 0, 0, Libc.SOCK_CLOEXEC, 0);
    }

    /** Returns its pid, negative if it is another user's. */
    private int admitted(Fd connected, ByteBuffer scratch) {
        long address = LIBC.address(scratch);
        scratch.clear().putInt(UCRED, UCRED); // It is as long as the message before.
        long result =
                LIBC.syscall(
                        Libc.SYS_GETSOCKOPT,
                        connected.number(),
                        SocketAddress.SOL_SOCKET,
                        SO_PEERCRED,
                        address,
                        address + UCRED);
        return result < 0 || scratch.getInt(UID) != user ? -1 : scratch.getInt(0);
    }

    /**
     * Has all who wait in {@link #accept} come back. Those who were accepted stay connected; those
     * who were not learn at once that they will not be.
     */
    @Override
    public void close() {
        closed = true;
        LIBC.syscall(Libc.SYS_SHUTDOWN, socket.number(), SHUT_RDWR, 0, 0, 0);
        for (int left = acceptOne(); left >= 0; left = acceptOne()) {
            LIBC.close(left);
        }
    }
}
