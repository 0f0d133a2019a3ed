package jukvm.tests.support;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An image to which the block guest with the word stamp has written. The guest-images README says
 * what a stamp is: sequence S is in block S mod the number of blocks.
 */
public final class Stamps {
    private static final int STAMP = 16;
    private static final int CHECK = 0x6a756b76;
    private static final long NONE = -1;

    private final long[] sequences;

    private Stamps(long[] sequences) {
        this.sequences = sequences;
    }

    /**
     * Reads an image; each block must be all zeros, as it was made, or whole.
     *
     * @param blockSize in bytes
     */
    public static Stamps of(Path image, int blockSize) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(image));
        bytes.order(ByteOrder.LITTLE_ENDIAN);
        long[] sequences = new long[bytes.capacity() / blockSize];
        for (int block = 0; block < sequences.length; block++) {
            sequences[block] = sequence(bytes.slice(block * blockSize, blockSize), block);
        }
        return new Stamps(sequences);
    }

    private static long sequence(ByteBuffer block, int number) {
        block.order(ByteOrder.LITTLE_ENDIAN);
        for (int at = STAMP; at < block.capacity(); at += Long.BYTES) {
            assertEquals(block.getLong(at - STAMP), block.getLong(at), "torn block " + number);
        }
        long sequence = block.getLong(0);
        if (sequence == 0 && block.getLong(Long.BYTES) == 0) {
            return NONE;
        }
        assertEquals(number, block.getInt(8), "stamp of another block");
        int check = (int) sequence ^ (int) (sequence >>> 32) ^ number ^ CHECK;
        assertEquals(check, block.getInt(12), "checksum of block " + number);
        return sequence;
    }

    /** Checks that the first {@code acknowledged} sequences were written, or newer over them. */
    public void requireAll(long acknowledged) {
        int blocks = sequences.length;
        for (int block = 0; block < blocks; block++) {
            long found = sequences[block];
            // The last acknowledged sequence that belongs to the block; below 0 if none does.
            long last = acknowledged - 1 - Math.floorMod(acknowledged - 1 - block, blocks);
            assertTrue(
                    found >= last,
                    "block " + block + " holds " + found + " but " + last + " was acknowledged");
            assertTrue(found == NONE || found % blocks == block, "sequence of another block");
            // One write may have been done and not told, and told but not read here.
            assertTrue(found <= acknowledged, found + " written, " + acknowledged + " told");
        }
    }
}
