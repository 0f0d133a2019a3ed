package jukvm.net;

import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.host.Pollable;
import jukvm.io.Requester;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * A socket of UDP that is connected to one peer, of which alone it receives. Neither sending nor
 * receiving waits. Used by one thread at a time. Source: udp(7).
 */
public final class UdpSocket extends Pollable implements AutoCloseable {
    /**
     * The longest datagram, in bytes; of a longer one that comes only the beginning is received.
     */
    public static final int LONGEST = 4096;

    private static final Libc LIBC = Libc.get();

    private final Mapping arena;
    private final ByteBuffer at;

    private UdpSocket(Fd fd, Mapping arena) {
        super(fd);
        this.arena = arena;
        this.at = arena.window(0, LONGEST);
    }

    /**
     * Connects one in the caller's network namespace.
     *
     * @param address of IPv4, the first octet highest
     * @throws HostException if the host has no socket or memory for it, or no way there
     */
    public static UdpSocket connect(Requester caller, int address, int port) {
        String name = Ipv4Address.text(address) + ":" + port + "/udp";
        Fd socket = Fd.of(caller.socket(Libc.AF_INET, Libc.SOCK_DGRAM), name, "socket");
        try (Mapping peer = Mapping.anonymous(SockaddrIn.SIZE)) {
            SockaddrIn.put(peer.window(0, SockaddrIn.SIZE), address, port);
            check(name + ": connect", call(Libc.SYS_CONNECT, socket, peer, SockaddrIn.SIZE));
            int flags = LIBC.fcntl(socket.number(), Libc.F_GETFL, 0);
            check(
                    name + ": F_SETFL",
                    LIBC.fcntl(socket.number(), Libc.F_SETFL, flags | Libc.O_NONBLOCK));
            return new UdpSocket(socket, Mapping.anonymous(LONGEST));
        } catch (HostException e) {
            socket.close();
            throw e;
        }
    }

    private static int call(int number, Fd socket, Mapping arena, int length) {
        return (int) LIBC.syscall(number, socket.number(), arena.address(), length, 0, 0);
    }

    private static void check(String operation, int result) {
        if (result < 0) {
            throw Errno.exception(operation, -result);
        }
    }

    /**
     * Sends a datagram, or loses it.
     *
     * @param data all between position and limit, at most {@link #LONGEST} bytes; neither is moved
     */
    public void send(ByteBuffer data) {
        at.put(0, data, data.position(), data.remaining());
        LIBC.write(fd().number(), arena.address(), data.remaining());
    }

    /**
     * Receives the oldest datagram that waits.
     *
     * @return a copy, all between position and limit; empty, too, if none waits, or the host has
     *     noticed that nobody is there
     */
    public ByteBuffer receive() {
        long result;
        do {
            result = LIBC.read(fd().number(), arena.address(), LONGEST);
        } while (result == -Errno.EINTR);
        int length = (int) Math.max(0, result);
        return ByteBuffer.allocate(length).put(0, at, 0, length);
    }

    @Override
    public void close() {
        fd().close();
        arena.close();
    }
}
