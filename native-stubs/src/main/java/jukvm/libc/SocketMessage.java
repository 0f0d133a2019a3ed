package jukvm.libc;

import java.nio.ByteBuffer;

/**
 * A message of a Unix socket, with descriptors. Used by one thread at a time. Source:
 * bits/socket.h, struct msghdr and struct cmsghdr, on x86-64; unix(7), SCM_RIGHTS.
 *
 * <pre>
 * msghdr:  name @0  namelen u32 @8  iov @16  iovlen u64 @24  control @32  controllen u64 @40
 *          flags i32 @48                                                                  (to 56)
 * iovec:   base @56  len u64 @64                                                          (to 72)
 * cmsghdr: len u64 @72  level i32 @80  type i32 @84  descriptors i32 each @88            (to 112)
 *          of what is received, one after the other, the sender's process i32 first      (to 144)
 * bytes:   @144
 * </pre>
 */
public final class SocketMessage implements AutoCloseable {
    /** How many descriptors one can have. */
    public static final int DESCRIPTORS = 5;

    private static final Libc LIBC = Libc.get();

    private static final int IOV = 16;
    private static final int IOV_COUNT = 24;
    private static final int CONTROL = 32;
    private static final int CONTROL_LENGTH = 40;
    private static final int FLAGS = 48;
    private static final int PART = 56;
    private static final int PART_LENGTH = 64;
    private static final int HEADER = 72;
    private static final int LEVEL = 80;
    private static final int TYPE = 84;
    private static final int NUMBERS = 88;
    private static final int BYTES = 144;

    private static final int HEADER_SIZE = NUMBERS - HEADER;
    private static final int SCM_RIGHTS = 1;
    private static final int SCM_CREDENTIALS = 2;
    private static final int NONE = -1;
    private static final int POLLIN = 1;
    private static final int MSG_PEEK = 2;
    private static final int MSG_CTRUNC = 8;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;

    /** Of sendto(2): to fail with EAGAIN instead of waiting. */
    public static final int MSG_DONTWAIT = 0x40;

    /** Of sendto(2): no SIGPIPE if the other end is closed. */
    public static final int MSG_NOSIGNAL = 0x4000;

    private final Mapping arena;
    private final ByteBuffer at;
    private final ByteBuffer bytes;

    /**
     * Makes an empty one.
     *
     * @param capacity in bytes
     * @throws jukvm.error.HostException if the host has no memory for it
     */
    public SocketMessage(int capacity) {
        arena = Mapping.anonymous(BYTES + capacity);
        at = arena.window(0, BYTES);
        bytes = arena.window(BYTES, capacity);
        at.putLong(IOV, arena.address() + PART).putLong(IOV_COUNT, 1);
        at.putLong(PART, arena.address() + BYTES);
    }

    /** Returns its bytes: always the same buffer, little-endian. */
    public ByteBuffer bytes() {
        return bytes;
    }

    /**
     * Sends the bytes up to the buffer's position.
     *
     * @param descriptors at most {@link #DESCRIPTORS}; they stay open
     * @return what sendmsg(2) does, or the negated errno
     */
    public int send(Fd socket, int... descriptors) {
        return send(socket, 0, descriptors);
    }

    /** The same without waiting: -EAGAIN if the socket is full. */
    public int sendNow(Fd socket, int... descriptors) {
        return send(socket, MSG_DONTWAIT, descriptors);
    }

    private int send(Fd socket, int flags, int... descriptors) {
        at.putLong(PART_LENGTH, bytes.position());
        if (descriptors.length == 0) {
            at.putLong(CONTROL, 0).putLong(CONTROL_LENGTH, 0);
        } else {
            int length = HEADER_SIZE + descriptors.length * Integer.BYTES;
            at.putLong(CONTROL, arena.address() + HEADER).putLong(CONTROL_LENGTH, length);
            at.putLong(HEADER, length).putInt(LEVEL, Libc.SOL_SOCKET).putInt(TYPE, SCM_RIGHTS);
            for (int i = 0; i < descriptors.length; i++) {
                at.putInt(NUMBERS + i * Integer.BYTES, descriptors[i]);
            }
        }
        return transfer(Libc.SYS_SENDMSG, socket, MSG_NOSIGNAL | flags);
    }

    /**
     * Receives one into the buffer, which is then all of it; what does not fit is lost.
     *
     * @return its length, 0 when the other end is closed, or the negated errno
     */
    public int receive(Fd socket) {
        return receive(socket, MSG_CMSG_CLOEXEC);
    }

    /** The same without waiting: -EAGAIN if there is none. */
    public int receiveNow(Fd socket) {
        return receive(socket, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    }

    /**
     * Looks at what would be received without waiting, and leaves it there.
     *
     * @return its length, -E2BIG if descriptors come along, -EAGAIN if there is none
     */
    public int peekNow(Fd socket) {
        int length = receive(socket, MSG_PEEK | MSG_DONTWAIT, 0);
        return length >= 0 && (at.getInt(FLAGS) & MSG_CTRUNC) != 0 ? -Errno.E2BIG : length;
    }

    /** Receives one of which no descriptor is taken: those that came with it are closed. */
    public int receiveBytes(Fd socket) {
        return receive(socket, 0, 0);
    }

    private int receive(Fd socket, int flags) {
        return receive(socket, flags, BYTES - HEADER);
    }

    private int receive(Fd socket, int flags, int control) {
        at.putLong(PART_LENGTH, bytes.capacity());
        at.putLong(CONTROL, arena.address() + HEADER).putLong(CONTROL_LENGTH, control);
        int length = transfer(Libc.SYS_RECVMSG, socket, flags);
        if (length == 0) {
            // One without bytes looks like the end, after which nobody asks what came with it.
            closeDescriptors();
        }
        if (length <= 0) {
            at.putLong(CONTROL_LENGTH, 0); // Else the descriptors are those of the one before.
        }
        bytes.position(0).limit(Math.max(length, 0));
        return length;
    }

    /**
     * Receives one that comes within some time: -EAGAIN if none does.
     *
     * @param seconds to wait, again after each signal
     */
    public int receiveWithin(Fd socket, int seconds) {
        int length = receiveNow(socket);
        if (length != -Errno.EAGAIN) {
            return length;
        }
        // The bytes are of no use yet. struct pollfd @0, struct timespec @8.
        bytes.clear().putInt(socket.number()).putInt(POLLIN).putLong(seconds).putLong(0);
        int ready;
        do {
            ready = LIBC.ppoll(arena.address() + BYTES, 1, arena.address() + BYTES + 8);
        } while (ready == -Errno.EINTR);
        return receiveNow(socket);
    }

    private int transfer(int call, Fd socket, int flags) {
        long result;
        do {
            result = LIBC.syscall(call, socket.number(), arena.address(), flags, 0, 0);
        } while (result == -Errno.EINTR);
        return (int) result;
    }

    /** Returns the descriptors that came with the message just received: now this process's. */
    public int[] descriptors() {
        int part = part(SCM_RIGHTS);
        if (part == NONE) {
            return new int[0];
        }
        int[] numbers = new int[(int) (at.getLong(part) - HEADER_SIZE) / Integer.BYTES];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = at.getInt(part + HEADER_SIZE + i * Integer.BYTES);
        }
        return numbers;
    }

    /** Closes the descriptors that came with the message just received. */
    public void closeDescriptors() {
        for (int fd : descriptors()) {
            LIBC.close(fd);
        }
    }

    /**
     * Returns the process that sent the message just received: 0 if that is not to be seen from
     * here, or the socket is not to tell (SO_PASSCRED).
     */
    public int sender() {
        int part = part(SCM_CREDENTIALS);
        return part == NONE ? 0 : at.getInt(part + HEADER_SIZE);
    }

    // Returns where what came with a message begins that is of this type.
    private int part(int type) {
        long end = HEADER + at.getLong(CONTROL_LENGTH);
        int part = HEADER;
        while (part + HEADER_SIZE <= end) {
            if (at.getInt(part + TYPE - HEADER) == type) {
                return part;
            }
            part += (int) (at.getLong(part) + Long.BYTES - 1) / Long.BYTES * Long.BYTES;
        }
        return NONE;
    }

    @Override
    public void close() {
        arena.close();
    }
}
