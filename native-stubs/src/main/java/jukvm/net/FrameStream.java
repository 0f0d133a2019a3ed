package jukvm.net;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.libc.BufferAddress;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.SocketMessage;

/**
 * Frames over one connection.
 *
 * <p>A frame goes from the socket to the reader's memory by one call, which also takes the length
 * of the next; so the socket is readable for as long as there is something to read. A frame of
 * which only a part has come is kept here until the rest has. A frame is sent whole or not at all,
 * because a peer of one thread waits in the middle of a frame for its rest; of one that the kernel
 * did split, the rest goes before anything else. Source: recvmsg(2), sendmsg(2); bits/socket.h,
 * struct msghdr, on x86-64.
 *
 * <pre>
 * msghdr @0:  name @0  namelen u32 @8  iov @16  iovlen u64 @24  control @32  controllen u64 @40
 *             flags i32 @48                                                               (to 56)
 * three of iovec @56:  base @0  len u64 @8                                               (to 104)
 * length of the next frame to come u32 @104, of one that is sent u32 @108
 * what has come of a frame @112, then what is left to send of one
 * </pre>
 */
public final class FrameStream extends FrameChannel {
    private static final Libc LIBC = Libc.get();

    private static final int IOV = 16;
    private static final int IOV_COUNT = 24;
    private static final int PARTS = 56;
    private static final int PART = 16;
    private static final int PREFIX_IN = 104;
    private static final int PREFIX_OUT = 108;
    private static final int BODY = 112;
    private static final int REST = BODY + LONGEST + 7 & ~7;
    private static final int ARENA = REST + Integer.BYTES + LONGEST;
    private static final int PREFIX = Integer.BYTES;

    private static final int SO_SNDBUF = 7;
    private static final int SO_RCVBUF = 8;
    private static final int BUFFER = 16 << 20;
    public static final int SIOCOUTQ = 0x5411;

    // The kernel takes less than this as a whole, whatever else is in the socket's buffer.
    private static final int INDIVISIBLE = 16 << 10;

    private final Mapping arena = Mapping.anonymous(ARENA);
    private final ByteBuffer at = arena.window(0, ARENA);
    private final BufferAddress addresses = new BufferAddress();
    private int room = INDIVISIBLE; // that the socket's buffer has for what is sent

    // Of what comes: how much of the length, then how much of the frame.
    private int prefixed;
    private int come;

    // Of what is sent: what is left of a frame.
    private int restFrom;
    private int rest;

    /**
     * Takes over a connected socket.
     *
     * @param socket named for messages
     * @throws HostException if the host has no memory for it
     */
    FrameStream(Fd socket) {
        super(socket);
        at.putLong(IOV, arena.address() + PARTS);
        room = enlarge(socket, at, arena.address());
    }

    /**
     * Has the kernel keep as much as it allows of what is sent over a socket and of what comes.
     *
     * @return how much of the former, in bytes
     */
    static int enlarge(Fd socket) {
        try (Mapping scratch = Mapping.anonymous(Long.BYTES)) {
            return enlarge(socket, scratch.window(0, Long.BYTES), scratch.address());
        }
    }

    private static int enlarge(Fd socket, ByteBuffer scratch, long address) {
        scratch.putInt(0, BUFFER);
        option(Libc.SYS_SETSOCKOPT, socket, SO_RCVBUF, address, PREFIX);
        option(Libc.SYS_SETSOCKOPT, socket, SO_SNDBUF, address, PREFIX);
        scratch.putInt(PREFIX, PREFIX);
        option(Libc.SYS_GETSOCKOPT, socket, SO_SNDBUF, address, address + PREFIX);
        int kept = scratch.getInt(0);
        scratch.putLong(0, 0);
        return kept;
    }

    private static void option(int call, Fd socket, int name, long value, long length) {
        LIBC.syscall(call, socket.number(), Libc.SOL_SOCKET, name, value, length);
    }

    @Override
    public boolean read(ByteBuffer into) {
        sendRest();
        while (prefixed < PREFIX) {
            part(0, arena.address() + PREFIX_IN + prefixed, PREFIX - prefixed);
            int got = receive(1);
            if (got == 0) {
                return false;
            }
            prefixed += got;
        }
        int length = Integer.reverseBytes(at.getInt(PREFIX_IN));
        if (length < SHORTEST || length > LONGEST) {
            String count = Integer.toUnsignedString(length);
            String reason = "the peer sent a frame of " + count + " bytes: not 14 to " + LONGEST;
            throw new HostException(fd().name(), reason, 0, "");
        }
        try {
            return come == 0 ? readAtOnce(length, into) : readRest(length, into);
        } finally {
            Reference.reachabilityFence(into);
        }
    }

    private boolean readAtOnce(int length, ByteBuffer into) {
        int fitting = Math.min(length, into.remaining());
        part(0, addresses.of(into), fitting);
        part(1, arena.address() + BODY + fitting, length - fitting);
        part(2, arena.address() + PREFIX_IN, PREFIX);
        int got = receive(3);
        if (got >= length) {
            into.position(into.position() + fitting);
            prefixed = got - length;
            return true;
        }
        at.put(BODY, into, into.position(), Math.min(got, fitting));
        come = got;
        return false;
    }

    private boolean readRest(int length, ByteBuffer into) {
        part(0, arena.address() + BODY + come, length - come);
        part(1, arena.address() + PREFIX_IN, PREFIX);
        int got = receive(2);
        if (got < length - come) {
            come += got;
            return false;
        }
        prefixed = got - (length - come);
        come = 0;
        int fitting = Math.min(length, into.remaining());
        into.put(into.position(), at, BODY, fitting);
        into.position(into.position() + fitting);
        return true;
    }

    // Returns how many bytes have come, 0 if none have now.
    private int receive(int parts) {
        at.putLong(IOV_COUNT, parts);
        int result = transfer(Libc.SYS_RECVMSG, SocketMessage.MSG_DONTWAIT);
        if (result > 0) {
            return result;
        }
        if (result == -Errno.EAGAIN) {
            return 0;
        }
        throw result == 0 || result == -Errno.ECONNRESET ? ended() : failed(-result);
    }

    @Override
    public boolean write(ByteBuffer frame) {
        int length = PREFIX + frame.remaining();
        if (!sendRest() || length > INDIVISIBLE && !hasRoom(length)) {
            return false;
        }
        at.putInt(PREFIX_OUT, Integer.reverseBytes(frame.remaining()));
        try {
            part(0, arena.address() + PREFIX_OUT, PREFIX);
            part(1, addresses.of(frame), frame.remaining());
            int sent = send(2);
            if (sent > 0 && sent < length) {
                at.putInt(REST, at.getInt(PREFIX_OUT));
                at.put(REST + PREFIX, frame, frame.position(), frame.remaining());
                restFrom = sent;
                rest = length - sent;
            }
            return sent > 0;
        } finally {
            Reference.reachabilityFence(frame);
        }
    }

    // The kernel counts what it keeps of each part besides its bytes.
    private boolean hasRoom(int length) {
        int result = LIBC.ioctl(fd().number(), SIOCOUTQ, arena.address() + PREFIX_OUT);
        return result < 0 || at.getInt(PREFIX_OUT) < room - 2 * length;
    }

    /** Sends what is left of a frame; returns whether nothing is. */
    private boolean sendRest() {
        if (rest > 0) {
            part(0, arena.address() + REST + restFrom, rest);
            int sent = send(1);
            restFrom += sent;
            rest -= sent;
        }
        return rest == 0;
    }

    // Returns how many bytes were sent, 0 if there is no room now.
    private int send(int parts) {
        at.putLong(IOV_COUNT, parts);
        int flags = SocketMessage.MSG_DONTWAIT | SocketMessage.MSG_NOSIGNAL;
        int result = transfer(Libc.SYS_SENDMSG, flags);
        if (result >= 0) {
            return result;
        }
        return switch (-result) {
            case Errno.EAGAIN, Errno.ENOBUFS, Errno.ENOMEM -> 0;
            case Errno.EPIPE, Errno.ECONNRESET -> throw ended();
            default -> throw failed(-result);
        };
    }

    private int transfer(int call, int flags) {
        long result;
        do {
            result = LIBC.syscall(call, fd().number(), arena.address(), flags, 0, 0);
        } while (result == -Errno.EINTR);
        return (int) result;
    }

    private void part(int index, long address, int length) {
        int entry = PARTS + index * PART;
        at.putLong(entry, address).putLong(entry + Long.BYTES, length);
    }

    private HostException ended() {
        String reason = "the peer has closed the connection";
        return new HostException(fd().name(), reason, GONE, "");
    }

    private HostException failed(int errno) {
        return Errno.exception(fd().name(), errno);
    }

    @Override
    public void close() {
        fd().close();
        arena.close();
    }
}
