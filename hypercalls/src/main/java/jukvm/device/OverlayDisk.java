package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A disk that keeps what is written to it in another, the top, and reads all else from a base which
 * it never writes to or flushes.
 *
 * <p>Used by one guest. Guests that run at the same time may share a base only if its reads may run
 * at the same time; a {@link MemoryDisk} that nobody writes is such a base. What is in the top is
 * forgotten with this object, which alone knows which blocks were written.
 */
public final class OverlayDisk implements BlockDevice {
    private final BlockDevice base;
    private final BlockDevice top;
    private final long capacity;
    private final int blockSize;
    private final BlockSet written = new BlockSet();

    private OverlayDisk(BlockDevice base, BlockDevice top) {
        this.base = base;
        this.top = top;
        this.capacity = base.capacity();
        this.blockSize = base.blockSize();
        if (top.capacity() != capacity) {
            throw new IllegalArgumentException(
                    "capacities of base and top: " + capacity + " and " + top.capacity());
        }
        if (top.blockSize() > blockSize) {
            throw new IllegalArgumentException(
                    "block size of the top, "
                            + top.blockSize()
                            + " bytes, is larger than the base's "
                            + blockSize);
        }
        if (top.isReadOnly()) {
            throw new IllegalArgumentException("the top is read-only");
        }
    }

    /**
     * Lays a disk over another.
     *
     * @param base what is read where nothing was written; only read, and nobody else may write it
     * @param top where writes go; what it holds already is never read
     * @throws IllegalArgumentException if the capacities differ, the top's blocks are larger than
     *     the base's, or the top is read-only
     */
    public static OverlayDisk over(BlockDevice base, BlockDevice top) {
        return new OverlayDisk(base, top);
    }

    /**
     * Lays memory over a disk, for writes that are to vanish. A guest can make it take as much
     * memory as the base has capacity; a {@link MemoryDisk} with a limit bounds that.
     *
     * @param base what is read where nothing was written; only read, and nobody else may write it
     */
    public static OverlayDisk over(BlockDevice base) {
        return new OverlayDisk(base, MemoryDisk.of(base.capacity(), base.blockSize()));
    }

    /** Returns the base's capacity in bytes. */
    @Override
    public long capacity() {
        return capacity;
    }

    /** Returns the base's block size in bytes. */
    @Override
    public int blockSize() {
        return blockSize;
    }

    /**
     * Reads blocks, each from where it was written last.
     *
     * @throws IllegalArgumentException if these are not whole blocks
     */
    @Override
    public void read(long offset, ByteBuffer into) throws IOException {
        checkBlocks(offset, into.remaining());
        long end = (offset + into.remaining()) / blockSize;
        int limit = into.limit();
        try {
            for (long block = offset / blockSize; block < end; ) {
                long next = written.endOfRun(block, end);
                // A device need not move the position.
                int after = into.position() + (int) ((next - block) * blockSize);
                into.limit(after);
                (written.contains(block) ? top : base).read(block * blockSize, into);
                into.position(after);
                block = next;
            }
        } finally {
            into.limit(limit);
        }
    }

    /**
     * Writes blocks to the top. If that fails, those written for the first time stay as they were.
     *
     * @throws IllegalArgumentException if these are not whole blocks
     */
    @Override
    public void write(long offset, ByteBuffer from) throws IOException {
        int length = from.remaining();
        checkBlocks(offset, length);
        top.write(offset, from);
        written.add(offset / blockSize, (offset + length) / blockSize);
    }

    // Whoever calls has checked it; if not, other bytes than meant would be hidden.
    private void checkBlocks(long offset, int length) {
        if (offset % blockSize != 0 || length % blockSize != 0) {
            throw new IllegalArgumentException(
                    length + " bytes at " + offset + ": not blocks of " + blockSize + " bytes");
        }
    }

    /** Flushes the top. */
    @Override
    public void flush() throws IOException {
        top.flush();
    }
}
