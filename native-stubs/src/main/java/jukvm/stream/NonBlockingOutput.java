package jukvm.stream;

import java.nio.ByteBuffer;
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
 * A descriptor that other processes may write, too, written so that nobody waits in the kernel for
 * its reader: there no stop would reach him. Its flags are left as they are, since whoever has it
 * from us would find them changed. Used by one thread at a time.
 *
 * <p>A pipe, FIFO or terminal is opened anew without blocking; that it polls as writable is no
 * promise while others write. A socket is asked each time not to block. What can be neither, as the
 * terminal of another user, is written by a {@link BlockingWriter}. A regular file has no reader
 * and is written as it is.
 */
public final class NonBlockingOutput implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    public static final long TIOCGWINSZ = 0x5413; // asm-generic/ioctls.h; of terminals alone
    public static final long TIOCGPTN = 0x80045430L; // of the side that is nobody's terminal alone

    // Less than what a receiver of packets makes room for.
    private static final int PACKET = 4096;

    private final int number;
    private final @Nullable Fd own;
    private final @Nullable BlockingWriter deputy;
    private final boolean isSocket;

    private NonBlockingOutput(
            int number, @Nullable Fd own, @Nullable BlockingWriter deputy, boolean isSocket) {
        this.number = own == null ? number : own.number();
        this.own = own;
        this.deputy = deputy;
        this.isSocket = isSocket;
    }

    /**
     * Finds out how to write a descriptor.
     *
     * @param number of it, which stays the caller's to close
     * @throws HostException if the host has no descriptor or memory left for it
     */
    static NonBlockingOutput of(int number) {
        int flags = LIBC.fcntl(number, Libc.F_GETFL, 0);
        if (flags < 0 || (flags & Libc.O_ACCMODE) == Libc.O_RDONLY) {
            return asItIs(number); // Its write says what is wrong.
        }
        return switch (kind(number)) {
            case SOCKET -> new NonBlockingOutput(number, null, null, true);
            case FIFO -> openedAnew(number);
            case CHARACTER_DEVICE -> isTerminal(number) ? openedAnew(number) : asItIs(number);
            case REGULAR, BLOCK_DEVICE, DIRECTORY -> asItIs(number);
            case UNKNOWN -> byDeputy(number);
        };
    }

    /** Has a descriptor written as it is, whether it blocks or not. */
    static NonBlockingOutput asItIs(int number) {
        return new NonBlockingOutput(number, null, null, false);
    }

    /** Has a descriptor of any kind written by another thread. */
    static NonBlockingOutput byDeputy(int number) {
        return new NonBlockingOutput(number, null, new BlockingWriter(number), false);
    }

    @SuppressWarnings("MustBeClosed") // It is the caller's.
    private static HostFile.Kind kind(int number) {
        try {
            return HostFile.Kind.of(Stat.of(Fd.of(number, "output", "use")));
        } catch (HostException e) {
            return HostFile.Kind.UNKNOWN;
        }
    }

    /**
     * Returns whether a descriptor is of something that is the same when it is opened anew: not of
     * the other side of a terminal, which makes a new terminal of that.
     */
    static boolean canBeOpenedAnew(int number, HostFile.Kind kind) {
        return kind == HostFile.Kind.FIFO
                || kind == HostFile.Kind.CHARACTER_DEVICE && isTerminal(number);
    }

    /** Opens anew what a descriptor is of, without blocking; returns it, or a negated errno. */
    static int openAnew(int number, int access) {
        int flags = access | Libc.O_NONBLOCK | Libc.O_NOCTTY | Libc.O_CLOEXEC;
        return LIBC.open("/proc/self/fd/" + number, flags);
    }

    private static boolean isTerminal(int number) {
        try (Mapping arena = Mapping.anonymous(Long.BYTES)) {
            return LIBC.ioctl(number, TIOCGWINSZ, arena.address()) >= 0
                    && LIBC.ioctl(number, TIOCGPTN, arena.address()) < 0;
        }
    }

    // Not where it belongs to another user, nor where there is no /proc.
    private static NonBlockingOutput openedAnew(int number) {
        int result = openAnew(number, Libc.O_WRONLY);
        return result < 0
                ? byDeputy(number)
                : new NonBlockingOutput(number, Fd.of(result, "output", "open"), null, false);
    }

    /**
     * Writes some bytes, or has that begun.
     *
     * @param bytes a direct buffer
     * @param address of the byte at its position
     * @param from how many bytes beyond that to begin
     * @param length in bytes
     * @return how many were written, or a negated errno: EAGAIN if none can be now, or it is not
     *     known yet; then the same is to be asked again
     */
    long write(ByteBuffer bytes, long address, int from, int length) {
        if (deputy != null) {
            return deputy.write(bytes, bytes.position() + from, length);
        }
        if (isSocket) {
            int flags = SocketMessage.MSG_DONTWAIT | SocketMessage.MSG_NOSIGNAL;
            int count = Math.min(length, PACKET);
            return LIBC.syscall(Libc.SYS_SENDTO, number, address + from, count, flags, 0);
        }
        return LIBC.write(number, address + from, length);
    }

    /**
     * Waits until it may be worth to ask again, but not for longer than so many nanoseconds, nor
     * after the poller was woken.
     *
     * @param again whether nothing was written since the last wait, so that polling is no help
     */
    void await(Poller poller, long nanos, boolean again) {
        if (deputy != null) {
            deputy.await(nanos);
        } else if (again) {
            poller.pause(nanos);
        } else {
            poller.awaitWritable(number, nanos);
        }
    }

    /** Returns whether another thread writes, so that no write is known to be done at once. */
    boolean takesTime() {
        return deputy != null;
    }

    /** Takes it that what could not be written yet will not be asked for again. */
    void giveUp() {
        if (deputy != null) {
            deputy.forget();
        }
    }

    /** Returns whether an error means no more than that the reader has not read yet. */
    static boolean mustWait(long result) {
        return result == -Errno.EAGAIN || result == -Errno.EINTR;
    }

    @Override
    public void close() {
        if (own != null) {
            own.close();
        }
        if (deputy != null) {
            deputy.close();
        }
    }
}
