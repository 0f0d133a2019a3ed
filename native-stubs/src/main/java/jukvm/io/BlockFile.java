package jukvm.io;

import java.nio.ByteBuffer;

/** A regular file or block special file, locked, read and written at offsets. */
public final class BlockFile implements AutoCloseable {
    private BlockFile() {}

    /** When what was written is made durable. */
    public enum Sync {
        NONE,
        EXIT,
        DSYNC
    }

    /** Opens and locks it. */
    public static BlockFile open(String path, boolean readOnly, Sync sync) {
        throw new UnsupportedOperationException(path + readOnly + sync);
    }

    /** Returns the size in bytes when it was opened. */
    public long size() {
        throw new UnsupportedOperationException();
    }

    /** Reads all of {@code into}, a direct buffer, at {@code offset}. */
    public void read(long offset, ByteBuffer into) {
        throw new UnsupportedOperationException();
    }

    /** Writes all of {@code from}, a direct buffer, at {@code offset}. */
    public void write(long offset, ByteBuffer from) {
        throw new UnsupportedOperationException();
    }

    /** Makes durable what was written, as {@link Sync} asks at the guest's end. */
    public void flush() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
