package jukvm.io;

import java.lang.ref.Reference;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.libc.BufferAddress;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Flock;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.Statx;

/**
 * A regular file or block special file, locked, read and written at offsets. Used by one thread at
 * a time.
 *
 * <p>The lock is exclusive, or shared by those who only read, and keeps out whoever asks for one
 * too: fcntl(2), open file description locks.
 */
public final class BlockFile implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final long BLKROGET = 0x125e; // linux/fs.h; an int that is not 0 if read-only

    /** When what was written is made durable. */
    public enum Sync {
        /** When the host likes to. */
        NONE,

        /** At the latest by {@link #flush}. */
        EXIT,

        /** By the end of each write. */
        DSYNC
    }

    private final Fd fd;
    private final long size;
    private final boolean readOnly;
    private final Sync sync;
    private final BufferAddress addresses = new BufferAddress();
    private boolean flushFailed;

    // Guarded by this.
    private boolean inUse;
    private boolean closed;

    private BlockFile(Fd fd, long size, boolean readOnly, Sync sync) {
        this.fd = fd;
        this.size = size;
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
        return open(Caller.self(), path, readOnly, sync);
    }

    /**
     * Opens it with the caller's rights, and locks it.
     *
     * @throws ConfigException if it is neither a regular file nor a block device
     * @throws HostException if it cannot be opened, or another has locked it
     */
    public static BlockFile open(Caller caller, String path, boolean readOnly, Sync sync) {
        Fd fd = open(caller, path, readOnly, sync == Sync.DSYNC ? Libc.O_DSYNC : 0);
        try {
            Statx status = Statx.of(fd);
            HostFile.Kind kind = HostFile.Kind.of(status);
            requireBlocks(path, kind);
            if (kind == HostFile.Kind.BLOCK_DEVICE && !readOnly) {
                requireWritable(fd);
            }
            lock(caller, fd, readOnly);
            long size = kind == HostFile.Kind.REGULAR ? status.size() : deviceSize(fd);
            return new BlockFile(fd, size, readOnly, sync);
        } catch (ConfigException | HostException e) {
            fd.close();
            throw e;
        }
    }

    private static Fd open(Caller caller, String path, boolean readOnly, int flags) {
        int access = readOnly ? Libc.O_RDONLY : Libc.O_RDWR;
        try {
            return open(caller, path, access | flags | Libc.O_NONBLOCK);
        } catch (HostException e) {
            // Directories and sockets cannot be opened like this, with errors that do not say so.
            try (Fd unopened = open(caller, path, Libc.O_PATH)) {
                requireBlocks(path, HostFile.Kind.of(Statx.of(unopened)));
            } catch (HostException missing) {
                throw e;
            }
            throw readOnly || !canBeRead(caller, path)
                    ? e
                    : unwritable(path, e.reason(), e.errno());
        }
    }

    private static Fd open(Caller caller, String path, int flags) {
        return Fd.of(caller.open(path, flags, 0), path, "open");
    }

    private static void requireBlocks(String path, HostFile.Kind kind) {
        if (kind != HostFile.Kind.REGULAR && kind != HostFile.Kind.BLOCK_DEVICE) {
            throw new ConfigException(
                    path + ": is a " + kind + ", need a regular file or a block device");
        }
    }

    private static boolean canBeRead(Caller caller, String path) {
        int fd = caller.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK, 0);
        return fd >= 0 && LIBC.close(fd) == 0;
    }

    private static HostException unwritable(String path, String reason, int errno) {
        String remedy = "It can be read: attach the image read-only with :ro";
        return new HostException(path + ": open for writing", reason, errno, remedy);
    }

    // A device that is switched to read-only can be opened for writing all the same.
    private static void requireWritable(Fd device) {
        try (Mapping arena = Mapping.anonymous(Integer.BYTES)) {
            device.ioctl("BLKROGET", BLKROGET, arena.address());
            if (arena.window(0, Integer.BYTES).getInt(0) != 0) {
                throw unwritable(device.name(), Errno.describe(Errno.EROFS), Errno.EROFS);
            }
        }
    }

    private static void lock(Caller caller, Fd fd, boolean readOnly) {
        int result = Flock.lock(fd, readOnly);
        if (result >= 0) {
            return;
        }
        int errno = -result;
        if (errno == Errno.EAGAIN || errno == Errno.EACCES) {
            String holder = Holder.ofLock(fd, readOnly);
            String remedy = "; stop it";
            if (holder.equals(Holder.THIS)) {
                holder = caller.thisProcess();
                remedy = "; attach it once, or each time read-only with :ro";
            } else if (!readOnly) {
                remedy += ", or attach the image read-only with :ro";
            }
            throw new HostException(fd.name(), "is in use by " + holder + remedy, errno, "");
        }
        throw Errno.exception(
                fd.name() + ": lock", errno, "Keep the image on a file system that has locks.");
    }

    private static long deviceSize(Fd fd) {
        long size = LIBC.lseek(fd.number(), 0, Libc.SEEK_END);
        if (size < 0) {
            throw Errno.exception(fd.name() + ": lseek", (int) -size);
        }
        return size;
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
            fd.close();
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
     * Closes it and gives up its lock; if another thread is in a request that the host does not
     * come back from, as soon as it does: nobody else is to have what that may still write.
     */
    @Override
    public synchronized void close() {
        closed = true;
        if (!inUse) {
            fd.close();
        }
    }
}
