package jukvm.block;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.util.Optional;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.host.Sync;
import jukvm.io.Requester;
import jukvm.libc.BufferAddress;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;

/**
 * A regular file or block special file, locked, read and written at offsets. Used by one thread at
 * a time.
 *
 * <p>The lock is exclusive, or shared by those who only read, and keeps out whoever asks for one
 * too. A device is locked whatever node leads to it, and refused if the host has it mounted.
 */
public final class BlockFile implements AutoCloseable {
    private static final Libc LIBC = Libc.get();

    private final BlockAttachment file;
    private final Fd fd;
    private final long size;
    private final boolean readOnly;
    private final Sync sync;
    private final BufferAddress addresses = new BufferAddress();
    private boolean flushFailed;

    // Guarded by this.
    private boolean inUse;
    private boolean closed;

    private BlockFile(BlockAttachment file, boolean readOnly, Sync sync) {
        this.file = file;
        this.fd = file.fd();
        this.size = file.size();
        this.readOnly = readOnly;
        this.sync = sync;
    }

    /**
     * Opens and locks it.
     *
     * @throws ConfigException if it is neither a regular file nor a block device
     * @throws HostException if it cannot be opened, or another has locked it
     */
    public static BlockFile open(String path, boolean readOnly, Sync sync) {
        return open(Requester.self(), path, readOnly, sync);
    }

    /**
     * Opens it with the caller's rights, and locks it.
     *
     * @throws ConfigException if it is neither a regular file nor a block device
     * @throws HostException if it cannot be opened, or another has locked it
     */
    public static BlockFile open(Requester caller, String path, boolean readOnly, Sync sync) {
        int flags = sync == Sync.DSYNC ? Libc.O_DSYNC : 0;
        BlockAttachment file = BlockAttachment.open(caller, path, readOnly, flags);
        return new BlockFile(file, readOnly, sync);
    }

    /**
     * Takes over a descriptor that another process has opened, locked and sent. When this is closed
     * the other still holds the lock, and whatever {@link Sync} asks for is done there.
     *
     * @param name for messages
     * @param size in bytes, as the other found it
     */
    public static BlockFile passed(int descriptor, String name, long size, boolean readOnly) {
        Fd fd = Fd.of(descriptor, name, "receive");
        return new BlockFile(new BlockAttachment(fd, Optional.empty(), size), readOnly, Sync.NONE);
    }

    /** Returns its descriptor, for another process to be sent. */
    public int descriptor() {
        return fd.number();
    }

    /** Returns the path it was opened by. */
    public String name() {
        return fd.name();
    }

    /** Returns the size in bytes when it was opened. */
    public long size() {
        return size;
    }

    /**
     * Reads all of {@code into}, whose position moves to its limit.
     *
     * @param offset of the first byte
     * @param into a direct buffer
     * @throws HostException if not all could be read; the position has not moved
     * @throws IllegalArgumentException if a byte is outside {@link #size}
     */
    public void read(long offset, ByteBuffer into) {
        if (into.isReadOnly()) {
            throw new ReadOnlyBufferException();
        }
        transfer(offset, into, false);
    }

    /**
     * Writes all of {@code from}, whose position moves to its limit.
     *
     * @param offset of the first byte
     * @param from a direct buffer; any content
     * @throws HostException if not all could be written, with how much was; the position has not
     *     moved
     * @throws IllegalArgumentException if a byte is outside {@link #size}
     */
    public void write(long offset, ByteBuffer from) {
        transfer(offset, from, true);
    }

    private void transfer(long offset, ByteBuffer buffer, boolean write) {
        int length = buffer.remaining();
        if (offset < 0 || offset > size - length) {
            throw new IllegalArgumentException(
                    "offset=" + offset + " length=" + length + " size=" + size);
        }
        if (length == 0) {
            return;
        }
        int number = use();
        try {
            long address = addresses.of(buffer);
            int done = 0;
            while (done < length) {
                long result =
                        write
                                ? LIBC.pwrite(number, address + done, length - done, offset + done)
                                : LIBC.pread(number, address + done, length - done, offset + done);
                if (result > 0) {
                    done += (int) result;
                } else if (result != -Errno.EINTR) {
                    throw failed(write, offset, length, done, (int) -result);
                }
            }
            buffer.position(buffer.limit());
        } finally {
            release();
            Reference.reachabilityFence(buffer);
        }
    }

    private synchronized int use() {
        int number = fd.number();
        inUse = true;
        return number;
    }

    private synchronized void release() {
        inUse = false;
        if (closed) {
            file.close();
        }
    }

    private HostException failed(boolean write, long offset, int length, int done, int errno) {
        String operation =
                (write ? ": pwrite of " : ": pread of ") + length + " bytes at offset " + offset;
        String reason;
        if (errno != 0) {
            reason = Errno.describe(errno);
        } else if (write) {
            reason = "the host took no bytes";
        } else {
            reason = "the file ends at " + end() + " bytes; it was " + size + " when attached";
        }
        if (write && done > 0) {
            reason += "; " + done + " bytes of this request were written";
        }
        return new HostException(fd.name() + operation, reason, errno, "");
    }

    // Neither reads nor writes use the position that this moves.
    private long end() {
        return LIBC.lseek(fd.number(), 0, Libc.SEEK_END);
    }

    /**
     * Makes durable what was written, as {@link Sync} asks at the guest's end. A failure is told
     * once: the host forgets what it could not write, so that trying again would seem to work.
     *
     * @throws HostException if that failed
     */
    public void flush() {
        if (sync == Sync.NONE || readOnly || flushFailed) {
            return;
        }
        int number = use();
        int result;
        try {
            do {
                result = LIBC.fdatasync(number);
            } while (result == -Errno.EINTR);
        } finally {
            release();
        }
        if (result < 0) {
            flushFailed = true;
            throw Errno.exception(fd.name() + ": fdatasync", -result);
        }
    }

    /**
     * Closes it and gives up its lock. While another thread is in a request that the host has not
     * answered, both wait for the answer, since that request may still write.
     */
    @Override
    public synchronized void close() {
        closed = true;
        if (!inUse) {
            file.close();
        }
    }
}
