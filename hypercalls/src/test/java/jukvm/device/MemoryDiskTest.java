package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MemoryDiskTest {
    private static final int CHUNK = 1 << 16;

    @Test
    void shouldTellItsSize() {
        MemoryDisk disk = MemoryDisk.of(3 * 4096, 4096);
        assertEquals(3 * 4096, disk.capacity());
        assertEquals(4096, disk.blockSize());
        assertFalse(disk.isReadOnly());
    }

    @Test
    void shouldReadZerosWhereNothingWasWritten() throws IOException {
        MemoryDisk disk = MemoryDisk.of(4 * CHUNK, 512);
        disk.write(CHUNK, direct(filled(512, 7)));
        byte[] expected = new byte[4 * CHUNK];
        Arrays.fill(expected, CHUNK, CHUNK + 512, (byte) 7);
        assertArrayEquals(expected, read(disk, 0, 4 * CHUNK));
    }

    @Test
    void shouldKeepWhatWasWrittenLikeAnArray() throws IOException {
        Random random = new Random(1);
        int blocks = 4 * CHUNK / 512;
        byte[] expected = new byte[blocks * 512];
        MemoryDisk disk = MemoryDisk.of(expected.length, 512);
        for (int i = 0; i < 2000; i++) {
            int first = random.nextInt(blocks);
            int length = 512 * (1 + random.nextInt(Math.min(blocks - first, 300)));
            if (random.nextBoolean()) {
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                disk.write(first * 512L, i % 2 == 0 ? direct(bytes) : ByteBuffer.wrap(bytes));
                System.arraycopy(bytes, 0, expected, first * 512, length);
            } else {
                assertArrayEquals(
                        Arrays.copyOfRange(expected, first * 512, first * 512 + length),
                        read(disk, first * 512L, length));
            }
        }
        assertArrayEquals(expected, read(disk, 0, expected.length));
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 40, 1L << 50, Long.MAX_VALUE - 511})
    void shouldHaveLargeCapacityForNothing(long capacity) throws IOException {
        MemoryDisk disk = MemoryDisk.of(capacity, 512);
        byte[] bytes = filled(512, 9);
        disk.write(capacity - 512, direct(bytes));
        assertArrayEquals(bytes, read(disk, capacity - 512, 512));
        assertArrayEquals(new byte[512], read(disk, capacity / 1024 * 512, 512));
        assertArrayEquals(new byte[512], read(disk, 0, 512));
    }

    @Test
    void shouldRefuseWritesThatNeedMoreMemoryThanItsLimit() throws IOException {
        MemoryDisk disk = MemoryDisk.of(1L << 40, 512, 2 * CHUNK + 1);
        disk.write(0, direct(filled(512, 1)));
        disk.write(1L << 30, direct(filled(512, 2)));
        IOException e =
                assertThrows(IOException.class, () -> disk.write(CHUNK, direct(filled(512, 3))));
        assertEquals("memory disk: its limit of 131073 bytes is reached", e.getMessage());
        disk.write(512, direct(filled(512, 4)));
        assertArrayEquals(new byte[512], read(disk, CHUNK, 512));
        assertArrayEquals(filled(512, 2), read(disk, 1L << 30, 512));
        assertArrayEquals(filled(512, 4), read(disk, 512, 512));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 512",
        "-512, 512",
        "511, 512",
        "513, 512",
        "1024, 0",
        "1024, 256",
        "1024, 513",
        "65536, 65536",
        "1024, -2147483648"
    })
    void shouldRefuseSizesThatNoDiskHas(long capacity, int blockSize) {
        assertThrows(IllegalArgumentException.class, () -> MemoryDisk.of(capacity, blockSize));
    }

    @Test
    void shouldRefuseANegativeLimit() {
        assertThrows(IllegalArgumentException.class, () -> MemoryDisk.of(512, 512, -1));
    }

    @ParameterizedTest
    @CsvSource({"-512, 512", "512, 1024", "1024, 512", "9223372036854775296, 1024"})
    void shouldRefuseBytesOutsideIt(long offset, int length) {
        MemoryDisk disk = MemoryDisk.of(1024, 512);
        ByteBuffer bytes = ByteBuffer.allocateDirect(length);
        assertThrows(IndexOutOfBoundsException.class, () -> disk.read(offset, bytes));
        assertThrows(IndexOutOfBoundsException.class, () -> disk.write(offset, bytes));
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private static byte[] read(MemoryDisk disk, long offset, int length) {
        // Dirty, and inside a larger buffer: the disk fills from position to limit and no more.
        ByteBuffer into = ByteBuffer.allocateDirect(length + 2);
        for (int i = 0; i < length + 2; i++) {
            into.put(i, (byte) 0x5a);
        }
        disk.read(offset, into.position(1).limit(length + 1));
        assertEquals(0x5a, into.limit(length + 2).get(0));
        assertEquals(0x5a, into.get(length + 1));
        byte[] bytes = new byte[length];
        into.get(1, bytes);
        return bytes;
    }
}
