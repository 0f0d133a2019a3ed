package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A disk as a guest sees it: a fixed number of blocks. An embedder may implement it.
 *
 * <p>All methods are called on the thread of the guest's vCPU, and never two at a time for one
 * guest. Offsets and lengths have been checked: multiples of the block size, inside the capacity.
 * Whoever opened a device closes it, after the guest has ended. While a method blocks, its guest
 * cannot be stopped, and no other waits. An {@link IOException} is the guest's; anything else that
 * a method throws ends the run, and whoever asked for it gets it.
 */
public interface BlockDevice {
    /** The smallest block, in bytes. */
    int MIN_BLOCK_SIZE = 512;

    /** The largest block, in bytes. */
    int MAX_BLOCK_SIZE = 32768;

    /** The most bytes that are read or written at once, a multiple of every block size. */
    int MAX_TRANSFER = 1 << 20;

    /** Returns the capacity in bytes, one or more blocks; asked for once, when a guest is built. */
    long capacity();

    /**
     * Returns the size of a block in bytes, a power of two from {@link #MIN_BLOCK_SIZE} to {@link
     * #MAX_BLOCK_SIZE}; asked for once, when a guest is built.
     */
    int blockSize();

    /** Returns whether every write is refused. */
    default boolean isReadOnly() {
        return false;
    }

    /**
     * Reads blocks, {@link #MAX_TRANSFER} bytes at most; what a guest asks for may be more, and
     * comes in parts.
     *
     * @param offset of the first byte
     * @param into where to: a direct buffer over guest memory, valid until this returns; all
     *     between its position and its limit is to be filled
     * @throws IOException if not all of it could be read; the guest is told, and goes on
     */
    void read(long offset, ByteBuffer into) throws IOException;

    /**
     * Writes blocks, {@link #MAX_TRANSFER} bytes at most. When this returns, the guest is told that
     * they are written, unless they were a part of what it asked for.
     *
     * @param offset of the first byte
     * @param from the bytes: a direct buffer over guest memory, valid until this returns; all
     *     between its position and its limit is to be written; hostile
     * @throws IOException if not all of it could be written; the guest is told, and goes on
     */
    void write(long offset, ByteBuffer from) throws IOException;

    /**
     * Makes what was written as durable as the device promises; called once for each run that was
     * asked for, when the guest has ended, however it ended and whatever other devices throw. On
     * the vCPU's thread, or another of the monitor's for a guest that never had one.
     *
     * @throws IOException if that failed; the operator is told
     */
    default void flush() throws IOException {}
}
