package jukvm.device;

import java.nio.ByteBuffer;
import jukvm.block.BlockFile;
import jukvm.host.Sync;
import jukvm.io.Requester;

/**
 * A disk whose blocks are a file or a block special file of the host, locked while it is open so
 * that no two guests write to it.
 *
 * <p>What a guest was told is written survives the end of the guest and of this process; what
 * survives the end of the host is said by {@link Sync}.
 */
public final class FileDisk implements BlockDevice, AutoCloseable {
    private final BlockFile file;
    private final int blockSize;
    private final boolean readOnly;

    private FileDisk(BlockFile file, int blockSize, boolean readOnly) {
        this.file = file;
        this.blockSize = blockSize;
        this.readOnly = readOnly;
    }

    /**
     * Opens a disk that the guest may write.
     *
     * @param path of a regular file or a block special file
     * @param blockSize in bytes
     * @param sync when what the guest writes is made durable
     * @throws jukvm.error.HostException if it cannot be opened, with why
     * @throws jukvm.error.ConfigException if it is in use, naming the process, or no such file
     */
    public static FileDisk open(String path, int blockSize, Sync sync) {
        return open(Requester.self(), path, blockSize, sync);
    }

    /**
     * Opens a disk that the guest may write, with the caller's rights.
     *
     * @param path of a regular file or a block special file
     * @param blockSize in bytes
     * @param sync when what the guest writes is made durable
     * @throws jukvm.error.HostException if it cannot be opened, with why
     * @throws jukvm.error.ConfigException if it is in use, naming the process, or no such file
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public static FileDisk open(Requester caller, String path, int blockSize, Sync sync) {
        return new FileDisk(BlockFile.open(caller, path, false, sync), blockSize, false);
    }

    /**
     * Opens a disk that the guest may only read; others may read it at the same time.
     *
     * @param path of a regular file or a block special file
     * @param blockSize in bytes
     * @throws jukvm.error.HostException if it cannot be opened, with why
     * @throws jukvm.error.ConfigException if someone may write it, naming the process
     */
    public static FileDisk openReadOnly(String path, int blockSize) {
        return openReadOnly(Requester.self(), path, blockSize);
    }

    /**
     * Opens a disk that the guest may only read, with the caller's rights; others may read it at
     * the same time.
     *
     * @param path of a regular file or a block special file
     * @param blockSize in bytes
     * @throws jukvm.error.HostException if it cannot be opened, with why
     * @throws jukvm.error.ConfigException if someone may write it, naming the process
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public static FileDisk openReadOnly(Requester caller, String path, int blockSize) {
        BlockFile file = BlockFile.open(caller, path, true, Sync.NONE);
        return new FileDisk(file, blockSize, true);
    }

    /** Makes one of a file that is open, which is closed with it. */
    @SuppressWarnings("exports") // For the modules of the library.
    public static FileDisk of(BlockFile file, int blockSize, boolean readOnly) {
        return new FileDisk(file, blockSize, readOnly);
    }

    /** Returns the file. */
    @SuppressWarnings("exports") // For the modules of the library.
    public BlockFile file() {
        return file;
    }

    @Override
    public long capacity() {
        return file.size();
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    @Override
    public boolean isReadOnly() {
        return readOnly;
    }

    @Override
    public void read(long offset, ByteBuffer into) {
        file.read(offset, into);
    }

    @Override
    public void write(long offset, ByteBuffer from) {
        file.write(offset, from);
    }

    @Override
    public void flush() {
        file.flush();
    }

    /** Closes the file and gives up its lock. */
    @Override
    public void close() {
        file.close();
    }
}
