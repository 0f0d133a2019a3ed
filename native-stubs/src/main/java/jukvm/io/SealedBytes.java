package jukvm.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.Stat;

/**
 * Bytes for other processes to read: a file without a name, in memory, that nobody can change any
 * more. Source: memfd_create(2), fcntl(2) F_ADD_SEALS.
 */
public final class SealedBytes implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final int CHUNK = 1 << 20;

    private final Fd file;

    private SealedBytes(Fd file) {
        this.file = file;
    }

    /** What writes them, once. */
    public interface Source {
        /** Writes all of them. */
        void writeTo(OutputStream out) throws IOException;
    }

    /**
     * Keeps what a source writes.
     *
     * @throws HostException if the host has no descriptor or memory for it
     */
    public static SealedBytes of(String name, Source source) {
        Fd file = Fd.memory(name);
        try (Mapping arena = Mapping.anonymous(CHUNK)) {
            source.writeTo(new Writer(file, arena));
            check(file, "seal", LIBC.fcntl(file.number(), Libc.F_ADD_SEALS, Libc.F_SEAL_ALL));
            return new SealedBytes(file);
        } catch (IOException e) {
            file.close();
            throw new IllegalStateException("writing to memory", e);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static final class Writer extends OutputStream {
        private final Fd file;
        private final Mapping arena;
        private long at;

        Writer(Fd file, Mapping arena) {
            this.file = file;
            this.arena = arena;
        }

        @Override
        public void write(int b) {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            for (int done = 0; done < length; ) {
                int count = Math.min(CHUNK, length - done);
                arena.window(0, count).put(0, bytes, from + done, count);
                long written = LIBC.pwrite(file.number(), arena.address(), count, at);
                check(file, "pwrite", written == 0 ? -Errno.EIO : written);
                done += (int) written;
                at += written;
            }
        }
    }

    private static void check(Fd file, String operation, long result) {
        if (result < 0) {
            throw Errno.exception(file.name() + ": " + operation, (int) -result);
        }
    }

    /** Returns its descriptor, for another process to be sent. */
    public int descriptor() {
        return file.number();
    }

    /**
     * Reads all that another process has sealed, and closes the descriptor.
     *
     * @param most bytes that are taken
     * @throws HostException if it cannot be read, or has more
     */
    public static byte[] read(int descriptor, long most) {
        try (Fd file = Fd.of(descriptor, "bytes", "receive");
                Mapping arena = Mapping.anonymous(CHUNK)) {
            long size = Stat.of(file).size();
            if (size > most) {
                throw new HostException("bytes", "there are " + size, 0, "");
            }
            byte[] bytes = new byte[(int) size];
            ByteBuffer window = arena.window(0, CHUNK);
            for (int done = 0; done < bytes.length; ) {
                int count = Math.min(CHUNK, bytes.length - done);
                long read = LIBC.pread(file.number(), arena.address(), count, done);
                check(file, "pread", read == 0 ? -Errno.EIO : read);
                window.get(0, bytes, done, (int) read);
                done += (int) read;
            }
            return bytes;
        }
    }

    @Override
    public void close() {
        file.close();
    }
}
