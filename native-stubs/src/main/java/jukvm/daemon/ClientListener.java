package jukvm.daemon;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.text.Printable;

/**
 * The socket that clients connect to. Only those of this process's own user get through, whoever
 * can reach it. {@link #accept} may be called by many threads at once, {@link #close} by any.
 *
 * <p>It is of our making, or lent by a service manager, which listens before this process is there
 * and after it: such a socket is not shut, since the next process is to have it.
 *
 * <p>Source: unix(7), SOCK_SEQPACKET and SO_PEERCRED; sd_listen_fds(3) for what is lent.
 */
public final class ClientListener implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final int BACKLOG = 1024;
    private static final long FULL_NANOS = 10_000_000;
    private static final int NONE = -1;
    private static final int FIRST_LENT = 3;
    private static final int POLLIN = 1;
    private static final int SHUT_RDWR = 2;

    private final Fd socket;
    private final boolean isLent;
    private final int user;

    // Under the lock: its number is for a client that is refused when there is no other left.
    private Fd reserve = Fd.event("reserve");

    private volatile boolean closed;

    private ClientListener(Fd socket, boolean isLent) {
        this.socket = socket;
        this.isLent = isLent;
        this.user = user();
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
            return new ClientListener(socket, false);
        } catch (HostException e) {
            socket.close();
            throw e;
        }
    }

    /**
     * Returns the descriptor of the socket that a service manager lends, if one does.
     *
     * @param environment of this process
     * @param pid of this process: what is lent to another is none of its
     * @throws ConfigException if it lends something else
     */
    public static OptionalInt lent(Map<String, String> environment, long pid) {
        String count = environment.get("LISTEN_FDS");
        if (count == null || !Long.toString(pid).equals(environment.get("LISTEN_PID"))) {
            return OptionalInt.empty();
        }
        if (!count.equals("1")) {
            throw new ConfigException(
                    "LISTEN_FDS is '"
                            + Printable.of(count)
                            + "', need 1: the socket of the daemon");
        }
        return OptionalInt.of(FIRST_LENT);
    }

    /**
     * Takes a socket that listens already, which a service manager lends.
     *
     * @param path where clients look for it
     * @param lent its descriptor, which is no other's from now on
     * @param idleSeconds after which {@link #accept} comes back without a client
     * @throws ConfigException if it is no such socket, or is at another path
     * @throws HostException if the kernel refuses
     */
    public static ClientListener lent(Path path, int lent, int idleSeconds) {
        if (!SocketAddress.isListening(lent, path)) {
            throw new ConfigException(
                    "descriptor "
                            + lent
                            + ", from LISTEN_FDS, is no socket that listens for daemon clients at "
                            + path
                            + "; it must be of type SOCK_SEQPACKET, there");
        }
        Fd socket = Fd.of(lent, path.toString(), "LISTEN_FDS");
        // Neither for what this process starts, nor to come back from accept at once.
        check(path, "fcntl", LIBC.fcntl(lent, Libc.F_SETFD, Libc.FD_CLOEXEC));
        check(path, "fcntl", LIBC.fcntl(lent, Libc.F_SETFL, 0));
        // Who connects from now on sees this process at the other end, not the manager.
        check(path, "listen", LIBC.syscall(Libc.SYS_LISTEN, lent, BACKLOG, 0, 0, 0));
        SocketAddress.setTimeout(socket, idleSeconds);
        return new ClientListener(socket, true);
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
    public Optional<Client> accept(MessageBuffer room) {
        int result = acceptOne();
        if (result < 0) {
            if (result == -Errno.EMFILE || result == -Errno.ENFILE) {
                if (!refuseOne()) {
                    LockSupport.parkNanos(FULL_NANOS); // Else it would spin.
                }
            }
            return Optional.empty();
        }
        Fd connected = Fd.of(result, "client", "accept");
        int pid = SocketAddress.peer(connected, user, room.message().bytes());
        if (pid < 0 || (closed && !isLent)) {
            connected.close();
            return Optional.empty();
        }
        return Optional.of(new Client(connected, pid, false, room.message()));
    }

    private int acceptOne() {
        return (int) LIBC.syscall(Libc.SYS_ACCEPT4, socket.number(), 0, 0, Libc.SOCK_CLOEXEC, 0);
    }

    // One that was left to wait would wait with its descriptors, and so would whoever reads its
    // output. Returns whether there was one.
    private synchronized boolean refuseOne() {
        reserve.close();
        int refused = isAwaited() ? acceptOne() : NONE;
        if (refused >= 0) {
            LIBC.close(refused);
        }
        try {
            reserve = Fd.event("reserve");
        } catch (HostException e) {
            return false; // Another thread has its place now.
        }
        return refused >= 0;
    }

    private boolean isAwaited() {
        // struct pollfd @0, struct timespec @8.
        try (Mapping arena = Mapping.anonymous(24)) {
            arena.window(0, 24).putInt(socket.number()).putInt(POLLIN).putLong(0).putLong(0);
            return LIBC.ppoll(arena.address(), 1, arena.address() + 8) > 0;
        }
    }

    /**
     * Returns whether the socket is a service manager's. Clients come by it until the process ends,
     * since they would wait for it otherwise.
     */
    public boolean isLent() {
        return isLent;
    }

    /**
     * Has all who wait in {@link #accept} come back, unless the socket is lent. Those who were
     * accepted stay connected; those who were not learn at once that they will not be.
     */
    @Override
    public void close() {
        closed = true;
        if (isLent) {
            return;
        }
        LIBC.syscall(Libc.SYS_SHUTDOWN, socket.number(), SHUT_RDWR, 0, 0, 0);
        for (int left = acceptOne(); left >= 0; left = acceptOne()) {
            LIBC.close(left);
        }
    }
}
