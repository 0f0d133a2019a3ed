package jukvm.device;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import jukvm.memory.GuestMemory;

/**
 * A disk in an array that holds its caller to the contract, counts, and fails when told to. Byte
 * {@code i} of block {@code b} is {@code b * 31 + i} at first.
 */
public final class RamDisk implements BlockDevice {
    private final byte[] content;
    private final int blockSize;
    private Optional<GuestMemory> guest = Optional.empty();
    private Optional<Exception> failure = Optional.empty();
    private boolean readOnly;
    private int requests;
    private int flushes;

    public RamDisk(int capacity, int blockSize) {
        this.content = new byte[capacity];
        this.blockSize = blockSize;
        for (int i = 0; i < capacity; i++) {
            content[i] = original(i);
        }
    }

    /** Returns the byte that is at an offset until it is written. */
    public byte original(int offset) {
        return (byte) (offset / blockSize * 31 + offset % blockSize);
    }

    /** Checks that every buffer is in this memory, for reads where the guest may write. */
    @SuppressWarnings("exports") // For the tests of the library.
    public RamDisk within(GuestMemory memory) {
        guest = Optional.of(memory);
        return this;
    }

    /** Refuses writes, in words only: it fails an assertion if one arrives. */
    public RamDisk readOnly() {
        readOnly = true;
        return this;
    }

    /** Fails every request from now on, with an {@link IOException} or one unchecked. */
    public void fail(Exception e) {
        failure = Optional.of(e);
    }

    /** Works again. */
    public void mend() {
        failure = Optional.empty();
    }

    /** Returns how many requests arrived, with those that failed. */
    public int requests() {
        return requests;
    }

    /** Returns how often it was flushed. */
    public int flushes() {
        return flushes;
    }

    /** Returns the byte at an offset. */
    public byte at(int offset) {
        return content[offset];
    }

    @Override
    public long capacity() {
        return content.length;
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
    public void read(long offset, ByteBuffer into) throws IOException {
        check(offset, into);
        if (guest.isPresent()) {
            Buffers.requireWritable(guest.get(), into);
        }
        into.put(content, (int) offset, into.remaining());
    }

    @Override
    public void write(long offset, ByteBuffer from) throws IOException {
        if (readOnly) {
            throw new AssertionError("write to a read-only device");
        }
        check(offset, from);
        if (guest.isPresent()) {
            Buffers.requireReadable(guest.get(), from);
        }
        from.get(content, (int) offset, from.remaining());
    }

    private void check(long offset, ByteBuffer buffer) throws IOException {
        requests++;
        int length = buffer.remaining();
        if (length == 0
                || offset % blockSize != 0
                || length % blockSize != 0
                || offset < 0
                || offset > content.length - length
                || !buffer.isDirect()) {
            throw new AssertionError(length + " bytes at " + offset + ": " + buffer);
        }
        if (failure.isPresent()) {
            throwFailure(failure.get());
        }
    }

    @Override
    public void flush() throws IOException {
        flushes++;
        if (failure.isPresent()) {
            throwFailure(failure.get());
        }
    }

    static void throwFailure(Exception failure) throws IOException {
        if (failure instanceof IOException io) {
            throw io;
        }
        throw (RuntimeException) failure;
    }
}
