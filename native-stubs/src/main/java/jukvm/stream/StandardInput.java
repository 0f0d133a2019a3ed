package jukvm.stream;

import jukvm.error.HostException;
import jukvm.io.HostFile;
import jukvm.io.Poller;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.SocketMessage;
import jukvm.libc.Stat;
import org.jspecify.annotations.Nullable;

/**
 * A standard input, the process's own or that of who asked. Read by one thread, from where it
 * stands; {@link #stop} may be called from any.
 *
 * <p>Others may read it, too, and take what it was polled for. So a pipe, FIFO or terminal is
 * opened anew without blocking, and a socket asked each time not to block: its flags are theirs as
 * well. Where a file of /proc cannot be opened, it is read as it is.
 */
public final class StandardInput implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final int STDIN = 0;
    private static final int CHUNK = 1 << 20;

    private final int fd;
    private final @Nullable Fd own;
    private final boolean isSocket;
    private final Poller poller = new Poller();
    private final Mapping arena = Mapping.anonymous(CHUNK);

    /**
     * Reads the standard input of this process.
     *
     * @throws HostException if it is not open, or the host has no memory for it
     */
    public StandardInput() {
        this(STDIN);
    }

    /**
     * Reads that of another.
     *
     * @param fd a descriptor of this process, not closed with this
     * @throws HostException if it is not open, or the host has no memory for it
     * @throws IllegalArgumentException if it is negative, which a wait would never end for
     */
    public StandardInput(int fd) {
        if (fd < 0) {
            throw new IllegalArgumentException("descriptor " + fd);
        }
        HostFile.Kind kind = HostFile.Kind.of(Stat.of(fd, "standard input"));
        this.own = openedAnew(fd, kind);
        this.fd = own == null ? fd : own.number();
        this.isSocket = kind == HostFile.Kind.SOCKET;
    }

    private static @Nullable Fd openedAnew(int fd, HostFile.Kind kind) {
        int result =
                NonBlockingOutput.canBeOpenedAnew(fd, kind)
                        ? NonBlockingOutput.openAnew(fd, Libc.O_RDONLY)
                        : -Errno.EINVAL;
        return result < 0 ? null : Fd.of(result, "standard input", "open");
    }

    /**
     * Reads the next bytes, waiting for the first of them until stopped.
     *
     * @param offset in {@code bytes}, where the first goes; as many as there is room for are read
     * @param timeoutNanos how long it may wait, in nanoseconds
     * @return how many were read; 0 at the end, and -1 if stopped or nothing came in time
     * @throws HostException if the host cannot read it
     */
    public int read(byte[] bytes, int offset, long timeoutNanos) {
        int room = Math.min(bytes.length - offset, CHUNK);
        long end = System.nanoTime() + timeoutNanos;
        while (poller.awaitReadable(fd, end - System.nanoTime())) {
            long result = read(room);
            if (result >= 0) {
                arena.window(0, CHUNK).get(0, bytes, offset, (int) result);
                return (int) result;
            }
            if (result != -Errno.EINTR && result != -Errno.EAGAIN) {
                throw Errno.exception("standard input: read", (int) -result);
            }
        }
        return -1;
    }

    private long read(int room) {
        return isSocket
                ? LIBC.syscall(
                        Libc.SYS_RECVFROM, fd, arena.address(), room, SocketMessage.MSG_DONTWAIT, 0)
                : LIBC.read(fd, arena.address(), room);
    }

    /** Ends a read that waits, and all that follow. */
    public void stop() {
        poller.wake();
    }

    @Override
    public void close() {
        poller.close();
        arena.close();
        if (own != null) {
            own.close();
        }
    }
}
