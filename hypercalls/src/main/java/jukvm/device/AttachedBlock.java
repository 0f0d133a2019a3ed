package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import jukvm.error.ConfigException;
import jukvm.error.HostException;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;

/**
 * A block device as one guest has it: checks what the guest asks for, carries it out on guest
 * memory without a copy, and counts. Belongs to the vCPU's thread.
 */
public final class AttachedBlock implements AttachedDevice {
    private final String name;
    private final BlockDevice device;
    private final Notices notices;
    private final Poller stop;
    private final long capacity;
    private final int blockSize;
    private long reads;
    private long writes;
    private long bytesRead;
    private long bytesWritten;
    private long errors;
    private boolean flushFailed;

    /**
     * What a guest did with a block device.
     *
     * @param reads that succeeded
     * @param writes that succeeded
     * @param bytesRead by those
     * @param bytesWritten by those
     * @param errors requests that were valid and failed, or were cut off because the guest was
     *     stopped
     * @param flushFailed whether the device could not keep its promise at the guest's end
     */
    public record Counters(
            long reads,
            long writes,
            long bytesRead,
            long bytesWritten,
            long errors,
            boolean flushFailed)
            implements DeviceCounters {
        /** Those of a guest that did nothing. */
        public static final Counters NONE = new Counters(0, 0, 0, 0, 0, false);

        @Override
        public Counters plus(DeviceCounters other) {
            Counters more = (Counters) other;
            return new Counters(
                    reads + more.reads,
                    writes + more.writes,
                    bytesRead + more.bytesRead,
                    bytesWritten + more.bytesWritten,
                    errors + more.errors,
                    flushFailed || more.flushFailed);
        }

        @Override
        public Map<String, Object> rows() {
            Map<String, Object> rows = new LinkedHashMap<>();
            rows.put("reads", reads);
            rows.put("writes", writes);
            rows.put("bytes_read", bytesRead);
            rows.put("bytes_written", bytesWritten);
            rows.put("errors", errors);
            rows.put("flush_failed", flushFailed);
            return rows;
        }

        @Override
        public boolean isLost() {
            return flushFailed;
        }
    }

    /**
     * Attaches a device to a guest.
     *
     * @param name in the guest's manifest
     * @param stop is woken when the guest is stopped, which ends a request that is under way
     * @throws ConfigException if the device has an impossible size
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public AttachedBlock(String name, BlockDevice device, Notices notices, Poller stop) {
        this.name = name;
        this.device = device;
        this.notices = notices;
        this.stop = stop;
        this.capacity = device.capacity();
        this.blockSize = device.blockSize();
        requireWholeBlocks(name, device);
    }

    /**
     * Throws unless a device has a size that a guest can be given.
     *
     * @param name of the device or what it is in, for the message
     * @throws ConfigException if it has not
     */
    public static void requireWholeBlocks(String name, BlockDevice device) {
        long capacity = device.capacity();
        int blockSize = device.blockSize();
        if (!isBlockSize(blockSize)) {
            throw new ConfigException(name + ": " + blockSizeRule() + ", is " + blockSize);
        }
        if (capacity < blockSize) {
            throw new ConfigException(
                    name
                            + ": Backing storage must be at least 1 block ("
                            + blockSize
                            + " bytes) in size, has "
                            + capacity);
        }
        if (capacity % blockSize != 0) {
            throw new ConfigException(
                    name
                            + ": Backing storage size must be block aligned ("
                            + blockSize
                            + " bytes), is "
                            + capacity);
        }
    }

    /** Returns whether a number of bytes can be the size of a block. */
    public static boolean isBlockSize(long bytes) {
        return Long.bitCount(bytes) == 1
                && bytes >= BlockDevice.MIN_BLOCK_SIZE
                && bytes <= BlockDevice.MAX_BLOCK_SIZE;
    }

    /** Returns in words what {@link #isBlockSize} tests. */
    public static String blockSizeRule() {
        return "Block size must be a multiple of 2 greater than or equal 512: a power of two, 512"
                + " to 32768";
    }

    @Override
    public String name() {
        return name;
    }

    /** Returns the capacity in bytes, a multiple of the block size. */
    public long capacity() {
        return capacity;
    }

    /** Returns the size of a block in bytes. */
    public int blockSize() {
        return blockSize;
    }

    /** Returns whether every write is refused. */
    public boolean isReadOnly() {
        return device.isReadOnly();
    }

    @Override
    public Counters counters() {
        return new Counters(reads, writes, bytesRead, bytesWritten, errors, flushFailed);
    }

    /**
     * Reads blocks to guest memory.
     *
     * @param offset in bytes; hostile
     * @param gpa guest-physical address of the buffer; hostile
     * @param length in bytes; hostile
     * @throws jukvm.error.GuestException if the buffer is not the guest's to write
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public IoResult read(GuestMemory memory, long offset, long gpa, long length) {
        if (!isRequest(offset, length)) {
            return IoResult.EINVAL;
        }
        memory.requireWritable(gpa, length);
        long done = 0;
        try {
            while (done < length) {
                if (done > 0 && stop.isWoken()) {
                    return cutOff("read", offset, length, done);
                }
                ByteBuffer into = memory.writable(gpa + done, part(length - done));
                device.read(offset + done, into);
                done += part(length - done);
            }
        } catch (IOException | HostException e) {
            return fail(e, "read", done);
        }
        reads++;
        bytesRead += length;
        return IoResult.OK;
    }

    /**
     * Writes blocks from guest memory.
     *
     * @param offset in bytes; hostile
     * @param gpa guest-physical address of the buffer; hostile
     * @param length in bytes; hostile
     * @throws jukvm.error.GuestException if the buffer is not in guest memory
     */
    @SuppressWarnings("exports") // For the modules of the library.
    public IoResult write(GuestMemory memory, long offset, long gpa, long length) {
        if (!isRequest(offset, length)) {
            return IoResult.EINVAL;
        }
        memory.requireReadable(gpa, length);
        long done = 0;
        try {
            if (device.isReadOnly()) {
                throw new IOException("the device is read-only, the guest's write is refused");
            }
            while (done < length) {
                if (done > 0 && stop.isWoken()) {
                    return cutOff("written", offset, length, done);
                }
                ByteBuffer from = memory.readable(gpa + done, part(length - done));
                device.write(offset + done, from);
                done += part(length - done);
            }
        } catch (IOException | HostException e) {
            return fail(e, "written", done);
        }
        writes++;
        bytesWritten += length;
        return IoResult.OK;
    }

    private static long part(long left) {
        return Math.min(left, BlockDevice.MAX_TRANSFER);
    }

    // Solo5's bindings pass one block at a time; several at once are served, parts of one are not.
    private boolean isRequest(long offset, long length) {
        return offset >= 0
                && length >= 0
                && offset < capacity
                && length <= capacity - offset
                && ((offset | length) & (blockSize - 1)) == 0;
    }

    private IoResult fail(Exception e, String verb, long done) {
        String before =
                done == 0 ? "" : "; " + done + " bytes of the request were " + verb + " before";
        errors++;
        tell(Notices.fact(e) + before);
        return IoResult.EUNSPEC;
    }

    // Nobody is left to see the result.
    private IoResult cutOff(String verb, long offset, long length, long done) {
        String request = length + " bytes at offset " + offset;
        errors++;
        tell("the guest was stopped in a request of " + request + ": " + done + " were " + verb);
        return IoResult.EUNSPEC;
    }

    private void tell(String fact) {
        notices.tell("device '" + name + "': " + fact);
    }

    /** Lets the device make durable what was written; tells the operator if it cannot. */
    @Override
    public void flush() {
        try {
            device.flush();
        } catch (IOException | HostException e) {
            flushFailed = true;
            tell(Notices.fact(e));
        } catch (RuntimeException | Error e) {
            flushFailed = true; // And whoever asked for the run is told.
            throw e;
        }
    }
}
