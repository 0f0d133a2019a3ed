package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OverlayDiskTest {
    private static final int BLOCK = 512;
    private static final int BLOCKS = 600;

    /** A disk of known bytes that may only be read, and does not move positions. */
    private static final class Base implements BlockDevice {
        final byte[] bytes = new byte[BLOCKS * BLOCK];
        final List<String> reads = new ArrayList<>();

        Base() {
            new Random(3).nextBytes(bytes);
        }

        @Override
        public long capacity() {
            return bytes.length;
        }

        @Override
        public int blockSize() {
            return BLOCK;
        }

        @Override
        public boolean isReadOnly() {
            return true;
        }

        @Override
        public void read(long offset, ByteBuffer into) {
            reads.add(offset / BLOCK + "+" + into.remaining() / BLOCK);
            into.put(into.position(), bytes, (int) offset, into.remaining());
        }

        @Override
        public void write(long offset, ByteBuffer from) {
            throw new AssertionError("the base is written");
        }

        @Override
        public void flush() {
            throw new AssertionError("the base is flushed");
        }
    }

    private final Base base = new Base();

    @Test
    void shouldHaveTheSizeOfItsBaseAndBeWritable() {
        OverlayDisk disk = OverlayDisk.over(base);
        assertEquals(BLOCKS * BLOCK, disk.capacity());
        assertEquals(BLOCK, disk.blockSize());
        assertFalse(disk.isReadOnly());
    }

    @Test
    void shouldReadWhatWasWrittenAndElseTheBase() throws IOException {
        OverlayDisk disk = OverlayDisk.over(base);
        byte[] expected = base.bytes.clone();
        Random random = new Random(4);
        for (int i = 0; i < 1500; i++) {
            int first = random.nextInt(BLOCKS);
            int length = BLOCK * (1 + random.nextInt(Math.min(BLOCKS - first, 40)));
            if (random.nextBoolean() && i % 3 == 0) {
                byte[] bytes = new byte[length];
                random.nextBytes(bytes);
                disk.write((long) first * BLOCK, direct(bytes));
                System.arraycopy(bytes, 0, expected, first * BLOCK, length);
            } else {
                assertArrayEquals(
                        Arrays.copyOfRange(expected, first * BLOCK, first * BLOCK + length),
                        read(disk, first, length / BLOCK));
            }
        }
    }

    @Test
    void shouldReadTheBaseByRuns() throws IOException {
        OverlayDisk disk = OverlayDisk.over(base);
        disk.write(4 * BLOCK, direct(new byte[2 * BLOCK]));
        disk.write(9 * BLOCK, direct(new byte[BLOCK]));
        read(disk, 2, 10);
        assertEquals(List.of("2+2", "6+3", "10+2"), base.reads);
        base.reads.clear();
        read(disk, 4, 2);
        read(disk, 9, 1);
        assertEquals(List.of(), base.reads);
    }

    @Test
    void shouldLeavePositionAndLimitAfterARead() throws IOException {
        OverlayDisk disk = OverlayDisk.over(base);
        ByteBuffer into = ByteBuffer.allocateDirect(4 * BLOCK).position(BLOCK).limit(3 * BLOCK);
        disk.write(0, direct(new byte[BLOCK]));
        disk.read(0, into);
        assertEquals(3 * BLOCK, into.position());
        assertEquals(3 * BLOCK, into.limit());
    }

    @Test
    void shouldNotLetGuestsOfOneBaseSeeEachOther() throws IOException {
        OverlayDisk one = OverlayDisk.over(base);
        OverlayDisk other = OverlayDisk.over(base);
        one.write(0, direct(new byte[BLOCK]));
        assertArrayEquals(new byte[BLOCK], read(one, 0, 1));
        assertArrayEquals(Arrays.copyOf(base.bytes, BLOCK), read(other, 0, 1));
    }

    @Test
    void shouldKeepTheOldBytesOfAWriteThatFailed() throws IOException {
        OverlayDisk disk = OverlayDisk.over(base, MemoryDisk.of(BLOCKS * BLOCK, BLOCK, 65536));
        assertThrows(
                IOException.class, () -> disk.write(65536 - BLOCK, direct(new byte[2 * BLOCK])));
        assertArrayEquals(
                Arrays.copyOfRange(base.bytes, 65536 - BLOCK, 65536 + BLOCK),
                read(disk, 65536 / BLOCK - 1, 2));
    }

    @Test
    void shouldGiveTheLimitBackWhenAReadFails() {
        BlockDevice broken =
                new Stub(BLOCKS * BLOCK, BLOCK) {
                    @Override
                    public void read(long offset, ByteBuffer into) throws IOException {
                        throw new IOException("bad sector");
                    }
                };
        ByteBuffer into = ByteBuffer.allocateDirect(2 * BLOCK);
        OverlayDisk disk = OverlayDisk.over(broken);
        assertThrows(
                IOException.class,
                () -> {
                    disk.write(BLOCK, direct(new byte[BLOCK]));
                    disk.read(0, into);
                });
        assertEquals(2 * BLOCK, into.limit());
    }

    @ParameterizedTest
    @CsvSource({"1, 512", "511, 512", "0, 1", "512, 513"})
    void shouldRefuseWhatIsNotWholeBlocks(long offset, int length) {
        OverlayDisk disk = OverlayDisk.over(base);
        ByteBuffer bytes = ByteBuffer.allocateDirect(length);
        assertThrows(IllegalArgumentException.class, () -> disk.read(offset, bytes));
        assertThrows(IllegalArgumentException.class, () -> disk.write(offset, bytes));
    }

    @Test
    void shouldFlushTheTop() throws IOException {
        List<String> calls = new ArrayList<>();
        BlockDevice top =
                new Stub(BLOCKS * BLOCK, BLOCK) {
                    @Override
                    public void flush() {
                        calls.add("flush");
                    }
                };
        OverlayDisk.over(base, top).flush();
        assertEquals(List.of("flush"), calls);
    }

    @Test
    void shouldRefuseATopThatCannotTakeItsWrites() {
        refused(MemoryDisk.of((BLOCKS + 1) * BLOCK, BLOCK), "capacities of base and top: ");
        refused(MemoryDisk.of(BLOCKS * BLOCK, 1024), "block size of the top, 1024 bytes");
        refused(base, "the top is read-only");
    }

    private void refused(BlockDevice top, String why) {
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> OverlayDisk.over(base, top));
        assertTrue(e.toString().contains(why), e.toString());
    }

    /** A device of which a test overrides what it needs. */
    private abstract static class Stub implements BlockDevice {
        private final long capacity;
        private final int blockSize;

        Stub(long capacity, int blockSize) {
            this.capacity = capacity;
            this.blockSize = blockSize;
        }

        @Override
        public long capacity() {
            return capacity;
        }

        @Override
        public int blockSize() {
            return blockSize;
        }

        @Override
        public void read(long offset, ByteBuffer into) throws IOException {
            throw new AssertionError("read");
        }

        @Override
        public void write(long offset, ByteBuffer from) throws IOException {
            throw new AssertionError("write");
        }
    }

    private static ByteBuffer direct(byte[] bytes) {
        return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
    }

    private static byte[] read(OverlayDisk disk, long block, int blocks) throws IOException {
        ByteBuffer into = ByteBuffer.allocateDirect(blocks * BLOCK);
        disk.read(block * BLOCK, into);
        byte[] bytes = new byte[blocks * BLOCK];
        into.get(0, bytes);
        return bytes;
    }
}
