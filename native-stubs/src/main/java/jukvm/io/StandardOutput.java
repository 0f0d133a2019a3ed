package jukvm.io;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import jukvm.libc.BufferAddress;
import jukvm.libc.Errno;
import jukvm.libc.Libc;

/**
 * A standard output, the process's own or that of who asked, written at once and unaltered.
 *
 * <p>Every byte is with the kernel when {@link #write} returns, so a crash of the JVM loses none.
 * Written by one thread; {@link #stop} may be called from any. A reader that has gone away or a
 * full disk is remembered and what follows is discarded: it is for the operator, not for the guest.
 */
public final class StandardOutput implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final int STDOUT = 1;

    // PIPE_BUF: a pipe or terminal that polls as writable takes this much without blocking.
    private static final int CHUNK = 4096;

    private final int fd;
    private final Poller poller = new Poller();
    private final BufferAddress addresses = new BufferAddress();
    private volatile int errno;
    private final AtomicLong lost = new AtomicLong();

    /** Writes to the standard output of this process. */
    public StandardOutput() {
        this(STDOUT);
    }

    /**
     * Writes to that of another.
     *
     * @param fd a descriptor of this process, not closed with this
     * @throws IllegalArgumentException if it is negative, which a wait would never end for
     */
    public StandardOutput(int fd) {
        if (fd < 0) {
            throw new IllegalArgumentException("descriptor " + fd);
        }
        this.fd = fd;
    }

    /**
     * Writes all of {@code bytes}, waiting for a slow reader, until stopped.
     *
     * @param bytes a direct buffer
     */
    public void write(ByteBuffer bytes) {
        int length = bytes.remaining();
        try {
            int done = length == 0 ? 0 : write(addresses.of(bytes), length);
            lost.addAndGet(length - done);
        } finally {
            Reference.reachabilityFence(bytes);
        }
    }

    private int write(long address, int length) {
        int done = 0;
        while (done < length && errno == 0 && poller.awaitWritable(fd)) {
            long result = LIBC.write(fd, address + done, Math.min(length - done, CHUNK));
            if (result >= 0) {
                done += (int) result;
            } else if (result != -Errno.EINTR && result != -Errno.EAGAIN) {
                errno = (int) -result;
            }
        }
        return done;
    }

    /** Ends a write that waits, and discards all that follow. */
    public void stop() {
        poller.wake();
    }

    /** Returns what became of bytes that could not be written, empty if all were. */
    public Optional<String> loss() {
        if (lost.get() == 0) {
            return Optional.empty();
        }
        String cause =
                errno == 0 ? "stopped while its reader was not reading" : Errno.describe(errno);
        return Optional.of(
                "stdout: write: " + cause + "; " + lost.get() + " bytes of guest output lost");
    }

    /** Returns whether the reader closed its end, as {@code head} does when it has enough. */
    public boolean readerGone() {
        return errno == Errno.EPIPE;
    }

    @Override
    public void close() {
        poller.close();
    }
}
