package jukvm.io;

import java.nio.ByteBuffer;
import jukvm.host.Pollable;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * Makes a device that is a Java object something to wait for: readable from when it is rung until
 * it is silenced.
 *
 * <p>Thread-safe, but for {@link #close}: not while others ring or wait.
 */
public final class Doorbell extends Pollable implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private static final int COUNT_IN = 0; // u64, what a ring writes: 1
    private static final int COUNT_OUT = 8; // u64, where silencing reads to
    private static final int ARENA = 16;

    private final Mapping arena;

    private Doorbell(Fd fd, Mapping arena) {
        super(fd);
        this.arena = arena;
        ByteBuffer at = arena.window(0, ARENA);
        at.putLong(COUNT_IN, 1);
    }

    /**
     * Opens one that is silent.
     *
     * @throws jukvm.error.HostException if the host has no descriptor or memory for it
     */
    public static Doorbell open() {
        Mapping arena = Mapping.anonymous(ARENA);
        try {
            return new Doorbell(Fd.event("doorbell"), arena);
        } catch (RuntimeException e) {
            arena.close();
            throw e;
        }
    }

    /** Makes it readable; nothing if it is already. */
    public void ring() {
        call(LIBC.write(fd().number(), arena.address() + COUNT_IN, Long.BYTES), "write");
    }

    /** Makes it unreadable; nothing if it is already. */
    public void silence() {
        call(LIBC.read(fd().number(), arena.address() + COUNT_OUT, Long.BYTES), "read");
    }

    // EAGAIN means that it is as it should be: already silent, or rung 2^64 - 2 times.
    private static void call(long result, String operation) {
        if (result < 0 && result != -Errno.EAGAIN && result != -Errno.EINTR) {
            throw Errno.exception("doorbell: " + operation, (int) -result);
        }
    }

    @Override
    public void close() {
        fd().close();
        arena.close();
    }
}
