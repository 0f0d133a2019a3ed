package jukvm.net;

import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.io.Requester;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * A port of the host's that is kept from others until a program that shares it ({@code
 * SO_REUSEADDR}) has taken it. Source: socket(7).
 */
public final class PortClaim implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final int NUMBER = SockaddrIn.SIZE; // an int
    private static final int ARENA = 24;
    private static final int SO_REUSEADDR = 2;
    private static final int LAST_PRIVILEGED = 1023;

    private final Fd socket;
    private final int port;

    private PortClaim(Fd socket, int port) {
        this.socket = socket;
        this.port = port;
    }

    /**
     * Claims a port in the caller's network namespace.
     *
     * @param address of IPv4, the first octet highest; 0 for all
     * @param port 0 for one that is free
     * @throws HostException if it is taken, or the caller may not have it, with what to do
     */
    public static PortClaim of(Requester caller, int address, int port, boolean isUdp) {
        String name = Ipv4Address.text(address) + ":" + port + (isUdp ? "/udp" : "");
        int type = isUdp ? Libc.SOCK_DGRAM : Libc.SOCK_STREAM;
        Fd socket = Fd.of(caller.socket(Libc.AF_INET, type), name, "socket");
        try (Mapping arena = Mapping.anonymous(ARENA)) {
            // Sockets of UDP that share a port do so even while they are used.
            if (!isUdp) {
                share(socket, arena);
            }
            ByteBuffer at = arena.window(0, ARENA);
            SockaddrIn.put(at, address, port);
            int result = call(Libc.SYS_BIND, socket, arena.address(), SockaddrIn.SIZE);
            if (result < 0) {
                throw Errno.exception(name + ": bind", -result, remedy(-result, port));
            }
            share(socket, arena);
            at.putInt(NUMBER, SockaddrIn.SIZE);
            call(Libc.SYS_GETSOCKNAME, socket, arena.address(), arena.address() + NUMBER);
            return new PortClaim(socket, SockaddrIn.port(at));
        } catch (HostException e) {
            socket.close();
            throw e;
        }
    }

    private static void share(Fd socket, Mapping arena) {
        long number = arena.address() + NUMBER;
        arena.window(NUMBER, Integer.BYTES).putInt(0, 1);
        LIBC.syscall(
                Libc.SYS_SETSOCKOPT,
                socket.number(),
                Libc.SOL_SOCKET,
                SO_REUSEADDR,
                number,
                Integer.BYTES);
    }

    private static int call(int number, Fd socket, long address, long length) {
        return (int) LIBC.syscall(number, socket.number(), address, length, 0, 0);
    }

    private static String remedy(int errno, int port) {
        return switch (errno) {
            case Errno.EADDRINUSE -> "Name another port, or 0 for one that is free";
            case Errno.EADDRNOTAVAIL -> "Name an address of this host, or 0.0.0.0 for all";
            case Errno.EACCES ->
                    port <= LAST_PRIVILEGED ? "Ports below 1024 are root's; name another" : "";
            default -> "";
        };
    }

    /** Returns the port, 1 to 65535. */
    public int port() {
        return port;
    }

    /** Leaves the port to whoever has it, too. */
    @Override
    public void close() {
        socket.close();
    }
}
