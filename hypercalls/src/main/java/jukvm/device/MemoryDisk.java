package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * A scratch disk in the Java heap, of zeros at first. Memory is taken by pieces of 64 KiB when they
 * are first written, so capacity costs nothing; what was written stays for as long as the object.
 *
 * <p>A hostile guest writes to every block it has: give a disk that is larger than what the heap
 * can spare a limit. Not thread-safe; once nobody writes any more, any number of threads may read.
 */
public final class MemoryDisk implements BlockDevice {
    private static final int CHUNK = 1 << 16;

    private final Map<Long, byte[]> chunks = new HashMap<>();
    private final long capacity;
    private final int blockSize;
    private final long limit;

    private MemoryDisk(long capacity, int blockSize, long limit) {
        if (Integer.bitCount(blockSize) != 1
                || blockSize < MIN_BLOCK_SIZE
                || blockSize > MAX_BLOCK_SIZE) {
            throw new IllegalArgumentException(
                    "block size of " + blockSize + " bytes: not a power of two from 512 to 32768");
        }
        if (capacity < blockSize || capacity % blockSize != 0) {
            throw new IllegalArgumentException(
                    "capacity of " + capacity + " bytes: not one or more blocks of " + blockSize);
        }
        if (limit < 0) {
            throw new IllegalArgumentException("limit of " + limit + " bytes");
        }
        this.capacity = capacity;
        this.blockSize = blockSize;
        this.limit = limit;
    }

    /**
     * Makes a disk all of which can be written.
     *
     * @param capacity in bytes, one or more blocks
     * @param blockSize in bytes, as {@link #blockSize()} says
     * @throws IllegalArgumentException if there is no such disk
     */
    public static MemoryDisk of(long capacity, int blockSize) {
        return new MemoryDisk(capacity, blockSize, Long.MAX_VALUE);
    }

    /**
     * Makes a disk that takes a bounded amount of memory.
     *
     * @param capacity in bytes, one or more blocks
     * @param blockSize in bytes, as {@link #blockSize()} says
     * @param limit how much memory it takes at most, in bytes; a write that needs more fails
     * @throws IllegalArgumentException if there is no such disk, or the limit is negative
     */
    public static MemoryDisk of(long capacity, int blockSize, long limit) {
        return new MemoryDisk(capacity, blockSize, limit);
    }

    @Override
    public long capacity() {
        return capacity;
    }

    @Override
    public int blockSize() {
        return blockSize;
    }

    /**
     * Reads bytes, zeros where none were written.
     *
     * @throws IndexOutOfBoundsException if any is outside the capacity
     */
    @Override
    public void read(long offset, ByteBuffer into) {
        Objects.checkFromIndexSize(offset, (long) into.remaining(), capacity);
        for (long at = offset; into.hasRemaining(); ) {
            byte[] chunk = chunks.getOrDefault(at / CHUNK, Zeros.CHUNK);
            int start = (int) (at % CHUNK);
            int length = Math.min(CHUNK - start, into.remaining());
            into.put(chunk, start, length);
            at += length;
        }
    }

    /**
     * Writes bytes.
     *
     * @throws IOException if that needs more memory than the limit; what came before is written
     * @throws IndexOutOfBoundsException if any is outside the capacity
     */
    @Override
    public void write(long offset, ByteBuffer from) throws IOException {
        Objects.checkFromIndexSize(offset, (long) from.remaining(), capacity);
        for (long at = offset; from.hasRemaining(); ) {
            byte[] chunk = writable(at / CHUNK);
            int start = (int) (at % CHUNK);
            int length = Math.min(CHUNK - start, from.remaining());
            from.get(chunk, start, length);
            at += length;
        }
    }

    private byte[] writable(long number) throws IOException {
        byte[] chunk = chunks.get(number);
        if (chunk == null) {
            if (limit / CHUNK <= chunks.size()) {
                throw new IOException("memory disk: its limit of " + limit + " bytes is reached");
            }
            chunk = new byte[CHUNK];
            chunks.put(number, chunk);
        }
        return chunk;
    }

    // What is read where nothing was written; made at the first such read.
    private static final class Zeros {
        static final byte[] CHUNK = new byte[MemoryDisk.CHUNK];
    }
}
