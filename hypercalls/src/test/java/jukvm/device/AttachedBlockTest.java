package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import jukvm.error.ConfigException;
import jukvm.error.GuestException;
import jukvm.error.HostException;
import jukvm.io.Poller;
import jukvm.memory.GuestMemory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttachedBlockTest {
    private static final long SIZE = 1 << 20;
    private static final long DATA = 0x2000;
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;
    private static final int BLOCK = 512;
    private static final int CAPACITY = 16 * BLOCK;

    private final GuestMemory memory = GuestMemory.allocate(SIZE);
    private final RamDisk disk = new RamDisk(CAPACITY, BLOCK).within(memory);
    private final List<String> lines = new ArrayList<>();
    private final Poller stop = new Poller();
    private final AttachedBlock block = attach(disk);

    @AfterEach
    void close() {
        memory.close();
    }

    private AttachedBlock attach(BlockDevice device) {
        return new AttachedBlock("storage", device, new Notices(lines::add), stop);
    }

    private static AttachedBlock.Counters counters(long... counts) {
        return new AttachedBlock.Counters(
                counts[0], counts[1], counts[2], counts[3], counts[4], false);
    }

    /** A disk of any size that notes what it is asked and does nothing. */
    private record Recorder(long capacity, int blockSize, List<String> requests)
            implements BlockDevice {
        @Override
        public void read(long offset, ByteBuffer into) {
            requests.add("read " + into.remaining() + " at " + offset);
        }

        @Override
        public void write(long offset, ByteBuffer from) {
            requests.add("write " + from.remaining() + " at " + offset);
        }
    }

    private static Recorder recorder(long capacity, int blockSize) {
        return new Recorder(capacity, blockSize, new ArrayList<>());
    }

    @ParameterizedTest
    @CsvSource({"512, 512", "1024, 512", "4096, 4096", "32768, 32768", "9223372036854775296, 512"})
    void shouldTakeWholeBlocks(long capacity, int blockSize) {
        AttachedBlock attached = attach(recorder(capacity, blockSize));
        assertEquals(capacity, attached.capacity());
        assertEquals(blockSize, attached.blockSize());
        assertEquals("storage", attached.name());
        assertFalse(attached.isReadOnly());
        assertEquals(counters(0, 0, 0, 0, 0), attached.counters());
    }

    @ParameterizedTest
    @CsvSource({
        "513, 512, 'Backing storage size must be block aligned (512 bytes), is 513'",
        "1023, 512, 'Backing storage size must be block aligned (512 bytes), is 1023'",
        "9223372036854775807, 512, 'Backing storage size must be block aligned (512 bytes), is"
                + " 9223372036854775807'",
        "6144, 4096, 'Backing storage size must be block aligned (4096 bytes), is 6144'",
        "0, 512, 'Backing storage must be at least 1 block (512 bytes) in size, has 0'",
        "511, 512, 'Backing storage must be at least 1 block (512 bytes) in size, has 511'",
        "512, 4096, 'Backing storage must be at least 1 block (4096 bytes) in size, has 512'",
        "-512, 512, 'Backing storage must be at least 1 block (512 bytes) in size, has -512'",
    })
    void shouldRefuseSizesThatAreNoWholeBlocks(long capacity, int blockSize, String fact) {
        BlockDevice device = recorder(capacity, blockSize);
        ConfigException e = assertThrows(ConfigException.class, () -> attach(device));
        assertEquals("storage: " + fact, e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 256, 511, 513, 768, 32767, 65536, -512, -1, Integer.MIN_VALUE})
    void shouldRefuseBlocksOfOtherSizes(int blockSize) {
        BlockDevice device = recorder(1 << 20, blockSize);
        ConfigException e = assertThrows(ConfigException.class, () -> attach(device));
        assertEquals(
                "storage: Block size must be a multiple of 2 greater than or equal 512: a power of"
                        + " two, 512 to 32768, is "
                        + blockSize,
                e.getMessage());
        assertFalse(AttachedBlock.isBlockSize(blockSize));
    }

    @ParameterizedTest
    @CsvSource({"0, 512", "0, 8192", "7680, 512", "1024, 2048"})
    void shouldReadAndWriteWhatWasAskedFor(int offset, int length) {
        memory.owned(DATA - 8, length + 16).putLong(0, -1).putLong(length + 8, -1);
        assertEquals(IoResult.OK, block.read(memory, offset, DATA, length));
        for (int i = 0; i < length; i++) {
            assertEquals(disk.original(offset + i), (byte) memory.u8(DATA + i));
        }
        assertEquals(-1, memory.u64(DATA - 8));
        assertEquals(-1, memory.u64(DATA + length));
        for (int i = 0; i < length; i++) {
            memory.owned(DATA + i, 1).put(0, (byte) (i * 7));
        }
        assertEquals(IoResult.OK, block.write(memory, offset, DATA, length));
        for (int i = 0; i < CAPACITY; i++) {
            boolean isWritten = i >= offset && i < offset + length;
            assertEquals(isWritten ? (byte) ((i - offset) * 7) : disk.original(i), disk.at(i));
        }
        assertEquals(counters(1, 1, length, length, 0), block.counters());
        assertEquals(List.of(), lines);
    }

    @ParameterizedTest
    @CsvSource({
        // Unaligned, by a byte and by half a block.
        "1, 512",
        "511, 512",
        "256, 512",
        "0, 1",
        "0, 511",
        "0, 513",
        "512, 256",
        "7680, 511",
        // At the capacity and after it; a block's length and none.
        "8192, 512",
        "8192, 0",
        "8704, 0",
        "8704, 512",
        "8191, 1",
        // Over it.
        "7680, 1024",
        "0, 8704",
        "0, 9223372036854775296",
        "512, 9223372036854775296",
        "7680, 9223372036854775807",
        // Beyond what a signed number holds: 2^63, 2^64 - 512, 2^64 - 1.
        "-9223372036854775808, 512",
        "-512, 512",
        "-1, 1",
        "9223372036854775807, 1",
        "9223372036854775296, 512",
        "0, -9223372036854775808",
        "0, -512",
        "512, -512",
        "-512, -512",
        "0, -1",
    })
    void shouldRefuseRequestsThatAreNotWholeBlocksOfTheDevice(long offset, long length) {
        assertEquals(IoResult.EINVAL, block.read(memory, offset, DATA, length));
        assertEquals(IoResult.EINVAL, block.write(memory, offset, DATA, length));
        // It looks at the request first: the buffer may be anywhere.
        assertEquals(IoResult.EINVAL, block.read(memory, offset, -1, length));
        assertEquals(IoResult.EINVAL, block.write(memory, offset, SIZE, length));
        assertEquals(0, disk.requests());
        assertEquals(counters(0, 0, 0, 0, 0), block.counters());
        assertEquals(List.of(), lines);
    }

    @Test
    void shouldTakeRequestsForNothingAndAskTheDeviceForNothing() {
        assertEquals(IoResult.OK, block.read(memory, 0, DATA, 0));
        assertEquals(IoResult.OK, block.write(memory, 7680, SIZE, 0));
        assertEquals(0, disk.requests());
        assertEquals(counters(1, 1, 0, 0, 0), block.counters());
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                SIZE - 511,
                SIZE,
                0xffffffffL,
                1L << 32,
                -1,
                -512,
                Long.MAX_VALUE,
                Long.MAX_VALUE - 511,
                Long.MIN_VALUE
            })
    void shouldEndTheGuestForBuffersOutsideMemory(long gpa) {
        String message =
                "Invalid guest access: gpa=0x"
                        + Long.toHexString(gpa)
                        + ", sz=512, memory=0x100000";
        GuestException read =
                assertThrows(GuestException.class, () -> block.read(memory, 0, gpa, BLOCK));
        GuestException write =
                assertThrows(GuestException.class, () -> block.write(memory, 0, gpa, BLOCK));
        assertEquals(message, read.getMessage());
        assertEquals(message, write.getMessage());
        assertEquals(0, disk.requests());
        assertEquals(counters(0, 0, 0, 0, 0), block.counters());
    }

    @ParameterizedTest
    @ValueSource(longs = {0x3000 - 511, 0x3000, 0x3800, 0x3fff})
    void shouldReadOnlyWhereTheGuestMayWrite(long gpa) {
        memory.protect(0x3000, 0x1000);
        GuestException e =
                assertThrows(GuestException.class, () -> block.read(memory, 0, gpa, BLOCK));
        assertEquals(
                "Invalid guest access: gpa=0x"
                        + Long.toHexString(gpa)
                        + ", sz=512, the guest may not write 0x3000..0x4000",
                e.getMessage());
        assertEquals(0, disk.requests());
        assertEquals(IoResult.OK, block.write(memory, 0, gpa, BLOCK));
        assertEquals(counters(0, 1, 0, BLOCK, 0), block.counters());
    }

    @Test
    void shouldReadNothingToAnywhereInMemory() {
        memory.protect(0x3000, 0x1000);
        assertEquals(IoResult.OK, block.read(memory, 0, 0x3800, 0));
        assertEquals(IoResult.OK, block.write(memory, 0, 0x3800, 0));
        assertThrows(GuestException.class, () -> block.read(memory, 0, SIZE + 1, 0));
        assertEquals(counters(1, 1, 0, 0, 0), block.counters());
    }

    @Test
    void shouldUseBuffersNextToPagesTheGuestMayNotWriteAndAtTheEnd() {
        memory.protect(0x3000, 0x1000);
        assertEquals(IoResult.OK, block.read(memory, 0, 0x3000 - BLOCK, BLOCK));
        assertEquals(IoResult.OK, block.read(memory, 0, 0x4000, BLOCK));
        assertEquals(IoResult.OK, block.read(memory, 0, SIZE - BLOCK, BLOCK));
        assertEquals(IoResult.OK, block.write(memory, 0, SIZE - BLOCK, BLOCK));
        assertEquals(IoResult.OK, block.read(memory, 0, 1, BLOCK));
    }

    static Stream<Exception> failures() {
        return Stream.of(
                new IOException("no space left, \u001b[2J"),
                new HostException("disk.img: pwrite", "ENOSPC (No space left on device)", 28, ""),
                new IOException());
    }

    @ParameterizedTest
    @MethodSource("failures")
    void shouldTellTheGuestAndTheOperatorOfFailures(Exception failure) {
        String fact = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        disk.fail(failure);
        assertEquals(IoResult.EUNSPEC, block.read(memory, 0, DATA, BLOCK));
        assertEquals(List.of("device 'storage': " + fact), lines);
        assertEquals(IoResult.EUNSPEC, block.write(memory, 512, DATA, BLOCK));
        assertEquals(2, lines.size());
        assertEquals(counters(0, 0, 0, 0, 2), block.counters());
        // The guest goes on, and so may the device.
        disk.mend();
        assertEquals(IoResult.OK, block.read(memory, 0, DATA, BLOCK));
        assertEquals(counters(1, 0, BLOCK, 0, 2), block.counters());
    }

    @Test
    void shouldNotFloodTheOperator() {
        disk.fail(new IOException("broken"));
        for (int i = 0; i < 1000; i++) {
            assertEquals(IoResult.EUNSPEC, block.read(memory, 0, DATA, BLOCK));
        }
        assertEquals(1000, block.counters().errors());
        assertTrue(lines.size() < 200, lines.size() + " lines");
    }

    @Test
    void shouldKeepReadOnlyDevicesFromWrites() {
        AttachedBlock attached = attach(new RamDisk(CAPACITY, BLOCK).readOnly());
        assertTrue(attached.isReadOnly());
        assertEquals(IoResult.EUNSPEC, attached.write(memory, 0, DATA, BLOCK));
        assertEquals(
                List.of(
                        "device 'storage': the device is read-only, the guest's write is"
                                + " refused"),
                lines);
        assertEquals(IoResult.EINVAL, attached.write(memory, 1, DATA, BLOCK));
        assertThrows(GuestException.class, () -> attached.write(memory, 0, SIZE, BLOCK));
        assertEquals(IoResult.OK, attached.read(memory, 0, DATA, BLOCK));
        assertEquals(counters(1, 0, BLOCK, 0, 1), attached.counters());
    }

    @Test
    void shouldSplitWhatIsMoreThanADeviceIsGivenAtOnce() {
        Recorder large = recorder(8 * GIB, 512);
        AttachedBlock attached = attach(large);
        List<String> expected = new ArrayList<>();
        try (GuestMemory all = GuestMemory.allocate(GuestMemory.MAX_SIZE)) {
            assertEquals(IoResult.OK, attached.read(all, 512, 0, 4 * GIB));
            for (long done = 0; done < 4 * GIB; done += MIB) {
                expected.add("read 1048576 at " + (512 + done));
            }
            assertEquals(IoResult.OK, attached.write(all, 5 * GIB, GIB - 1, GIB + 512));
            for (long done = 0; done < GIB; done += MIB) {
                expected.add("write 1048576 at " + (5 * GIB + done));
            }
            expected.add("write 512 at " + 6 * GIB);
            assertEquals(IoResult.OK, attached.write(all, 0, 3 * GIB, GIB));
            for (long done = 0; done < GIB; done += MIB) {
                expected.add("write 1048576 at " + done);
            }
        }
        assertEquals(expected, large.requests());
        assertEquals(counters(1, 2, 4 * GIB, 2 * GIB + 512, 0), attached.counters());
    }

    @Test
    void shouldFlushAndTellWhenThatFails() {
        block.flush();
        assertEquals(1, disk.flushes());
        assertFalse(block.counters().flushFailed());
        assertEquals(List.of(), lines);
        disk.fail(new HostException("disk.img: fdatasync", "EIO (Input/output error)", 5, ""));
        block.flush();
        assertEquals(2, disk.flushes());
        assertTrue(block.counters().flushFailed());
        assertEquals(0, block.counters().errors());
        assertEquals(
                List.of("device 'storage': disk.img: fdatasync: EIO (Input/output error)"), lines);
    }

    @Test
    void shouldNotNeedADeviceThatFlushes() {
        AttachedBlock attached = attach(recorder(512, 512));
        attached.flush();
        assertFalse(attached.counters().flushFailed());
    }
}
