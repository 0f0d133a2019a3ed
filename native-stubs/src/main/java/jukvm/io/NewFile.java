package jukvm.io;

import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.libc.BufferAddress;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * A file that was not there before, written here and there: what is not written takes no room, and
 * reads as zero. Used by one thread. Source: pwrite(2), ftruncate(2).
 */
public final class NewFile implements SparseOutput, AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final int CHUNK = 1 << 16;

    private final Fd fd;
    private final Mapping arena;

    /**
     * Makes one of a descriptor, which is closed if this cannot be made.
     *
     * @throws HostException if the host has no memory for it
     */
    NewFile(Fd fd) {
        this.fd = fd;
        try {
            this.arena = Mapping.anonymous(CHUNK);
        } catch (HostException e) {
            fd.close();
            throw e;
        }
    }

    /** Returns its path, as its folder was named. */
    public String path() {
        return fd.name();
    }

    @Override
    public void length(long bytes) {
        check(LIBC.syscall(Libc.SYS_FTRUNCATE, fd.number(), bytes, 0, 0, 0), "ftruncate");
    }

    @Override
    public void write(byte[] bytes, int from, int length, long offset) {
        for (int done = 0; done < length; ) {
            int count = Math.min(CHUNK, length - done);
            arena.window(0, count).put(0, bytes, from + done, count);
            long written = LIBC.pwrite(fd.number(), arena.address(), count, offset + done);
            check(written == 0 ? -Errno.EIO : written, "pwrite");
            done += (int) written;
        }
    }

    /**
     * Writes what is between position and limit of a direct buffer at a place.
     *
     * @param offset in bytes from its start
     * @throws HostException if not all of it can be written
     */
    public void write(ByteBuffer bytes, long offset) {
        long address = new BufferAddress().of(bytes);
        for (int done = 0; done < bytes.remaining(); ) {
            int count = bytes.remaining() - done;
            long written = LIBC.pwrite(fd.number(), address + done, count, offset + done);
            check(written == 0 ? -Errno.EIO : written, "pwrite");
            done += (int) written;
        }
    }

    /**
     * Waits until all of it is on its disk.
     *
     * @throws HostException if that fails
     */
    public void sync() {
        check(LIBC.syscall(Libc.SYS_FSYNC, fd.number(), 0, 0, 0, 0), "fsync");
    }

    private void check(long result, String operation) {
        if (result < 0) {
            throw Errno.exception(fd.name() + ": " + operation, (int) -result);
        }
    }

    @Override
    public void close() {
        arena.close();
        fd.close();
    }
}
