package jukvm.stream;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import jukvm.error.HostException;
import jukvm.io.FileId;
import jukvm.io.Holder;
import jukvm.io.HostFile;
import jukvm.io.Poller;
import jukvm.io.Requester;
import jukvm.libc.Errno;
import jukvm.libc.Flock;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.Stat;

/**
 * A file that is written from its start with the rights of who asked for it, and told of as {@link
 * java.io.FileOutputStream} does. Used by one thread at a time.
 */
public class OutputFile extends OutputStream {
    private static final Libc LIBC = Libc.get();

    private static final int READ_AND_WRITE_FOR_ALL = 0666; // Less what the umask takes away.
    private static final int CLOSED = -1;

    // More than the longest frame of an interface, so that each is one write. Only what is touched
    // takes memory.
    private static final int CHUNK = 1 << 17;

    // How long the reader of a FIFO or terminal may take to make room. It holds a guest so long.
    private static final int PATIENCE_SECONDS = 10;
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);

    private final Poller poller = new Poller();
    private final Mapping arena;
    private final ByteBuffer at;
    private int fd;

    /**
     * Opens a file for writing, which is created, or emptied if it exists.
     *
     * @throws FileNotFoundException if the host refuses, as {@code PATH (Permission denied)}, or
     *     another has locked it, as guests' disks are
     * @throws HostException if the host has no memory for it
     */
    public OutputFile(Requester caller, String path) throws FileNotFoundException {
        this(caller, path, file -> {});
    }

    /**
     * Opens a file for writing, which is created, or emptied if it exists. A regular file is locked
     * until it is closed.
     *
     * @param check throws to refuse the file as it is, before anything of it changes
     * @throws FileNotFoundException if the host refuses, as {@code PATH (Permission denied)}, or
     *     another has locked it, as guests' disks are
     * @throws HostException if the host has no memory for it
     */
    public OutputFile(Requester caller, String path, Consumer<FileId> check)
            throws FileNotFoundException {
        int flags = Libc.O_WRONLY | Libc.O_CREAT;
        int result;
        do {
            result = caller.open(path, flags, READ_AND_WRITE_FOR_ALL);
        } while (result == -Errno.EINTR);
        if (result < 0) {
            throw new FileNotFoundException(path + " (" + Errno.text(-result) + ")");
        }
        fd = result;
        // What was opened just now is nobody else's, so neither are its flags.
        LIBC.fcntl(fd, Libc.F_SETFL, Libc.O_NONBLOCK);
        try {
            FileId file = FileId.of(Stat.of(result, path));
            check.accept(file);
            claim(caller, path, file.kind());
            arena = Mapping.anonymous(CHUNK);
            at = arena.window(0, CHUNK);
        } catch (FileNotFoundException | RuntimeException e) {
            LIBC.close(result);
            throw e;
        }
    }

    // No file is emptied that another run writes, or has as a disk.
    private void claim(Requester caller, String path, HostFile.Kind kind)
            throws FileNotFoundException {
        if (kind == HostFile.Kind.BLOCK_DEVICE) {
            throw new FileNotFoundException(path + " (Is a block device)");
        }
        if (kind != HostFile.Kind.REGULAR) {
            return;
        }
        int result = Flock.lock(fd, false);
        if (result == -Errno.EAGAIN || result == -Errno.EACCES) {
            String holder = Holder.ofLock(fd, false);
            String shown = holder.equals(Holder.THIS) ? caller.thisProcess() : holder;
            throw new FileNotFoundException(path + " (is in use by " + shown + ")");
        }
        long emptied = LIBC.syscall(Libc.SYS_FTRUNCATE, fd, 0, 0, 0, 0);
        if (emptied < 0) {
            throw new FileNotFoundException(path + " (" + Errno.text((int) -emptied) + ")");
        }
    }

    @Override
    public void write(int octet) throws IOException {
        write(new byte[] {(byte) octet}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, bytes.length);
        requireOpen();
        int end = offset + length;
        for (int done = offset; done < end; done += CHUNK) {
            int count = Math.min(end - done, CHUNK);
            at.put(0, bytes, done, count);
            writeArena(count);
        }
    }

    private void writeArena(int count) throws IOException {
        int done = 0;
        while (done < count) {
            long result = LIBC.write(fd, arena.address() + done, count - done);
            if (result >= 0) {
                done += (int) result;
            } else if (result == -Errno.EAGAIN) {
                awaitReader();
            } else if (result != -Errno.EINTR) {
                throw new IOException(Errno.text((int) -result));
            }
        }
    }

    private void awaitReader() throws IOException {
        if (!poller.awaitWritable(fd, PATIENCE)) {
            throw new IOException(
                    poller.isWoken()
                            ? "Stopped while its reader was not reading"
                            : "Its reader has not read for " + PATIENCE_SECONDS + " s");
        }
    }

    /** Ends a write that waits for a reader, now and later; from any thread. */
    public void stopWaiting() {
        poller.wake();
    }

    /**
     * Cuts off what is beyond a size; a file that is shorter stays as it is.
     *
     * @param size in bytes
     * @throws IOException if it has no end to cut off, as a pipe
     */
    public void truncate(long size) throws IOException {
        requireOpen();
        long end = checked(LIBC.lseek(fd, 0, Libc.SEEK_END));
        if (size < end) {
            checked(LIBC.syscall(Libc.SYS_FTRUNCATE, fd, size, 0, 0, 0));
        }
    }

    /**
     * Returns when all is on the disk.
     *
     * @throws IOException if it cannot be, or is no file of a disk
     */
    public void sync() throws IOException {
        requireOpen();
        checked(LIBC.syscall(Libc.SYS_FSYNC, fd, 0, 0, 0, 0));
    }

    private static long checked(long result) throws IOException {
        if (result < 0) {
            throw new IOException(Errno.text((int) -result));
        }
        return result;
    }

    private void requireOpen() throws IOException {
        if (!isOpen()) {
            throw new IOException("Stream Closed");
        }
    }

    /** Returns whether it has not been closed yet. */
    public boolean isOpen() {
        return fd != CLOSED;
    }

    @Override
    public void close() throws IOException {
        int number = fd;
        fd = CLOSED;
        if (number != CLOSED) {
            poller.close();
            arena.close();
            checked(LIBC.close(number));
        }
    }
}
