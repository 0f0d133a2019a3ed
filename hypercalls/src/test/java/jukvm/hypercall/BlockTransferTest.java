package jukvm.hypercall;

import static jukvm.hypercall.AttachedGuest.BLOCK;
import static jukvm.hypercall.AttachedGuest.DATA;
import static jukvm.hypercall.AttachedGuest.DISK;
import static jukvm.hypercall.AttachedGuest.NET;
import static jukvm.hypercall.AttachedGuest.SIZE;
import static jukvm.hypercall.AttachedGuest.STRUCT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import jukvm.call.Hypercall;
import jukvm.device.RamDisk;
import jukvm.error.GuestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Offsets are as Solo5's hvt_abi.h has them: handle 0, offset 8, data 16, len 24, ret 32. */
class BlockTransferTest {
    private static final int EINVAL = 2;
    private static final int EUNSPEC = 3;

    private final AttachedGuest guest = new AttachedGuest();
    private final BlockTransfer read = BlockTransfer.read(guest.devices);
    private final BlockTransfer write = BlockTransfer.write(guest.devices);
    private final DiskCalls calls = new DiskCalls(guest, read, write, 32);

    @AfterEach
    void close() {
        guest.close();
    }

    @ParameterizedTest
    @CsvSource({"0, 512", "7680, 512", "1024, 2048"})
    void shouldReadToTheBufferAndNoFurther(int offset, int length) {
        calls.assertReads(offset, length, DATA, DISK, offset, DATA, length);
    }

    @ParameterizedTest
    @CsvSource({"0, 512", "7680, 512", "1024, 2048"})
    void shouldWriteTheBufferAndNoFurther(int offset, int length) {
        calls.assertWrites(offset, length, DISK, offset, DATA, length);
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 32 | DISK, 0xffffffff00000000L | DISK, Long.MIN_VALUE | DISK})
    void shouldLookAtTheLow32BitsOfTheHandle(long handle) {
        calls.assertReturns(0, write, handle, 0, DATA, BLOCK);
        assertEquals(1, guest.disk.requests());
    }

    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                NET,
                63,
                64,
                DISK + 64,
                0x7fffffff,
                0x80000000L,
                0x80000000L | DISK,
                0xffffffffL,
                (1L << 32) + 1,
                -1,
                -64,
                (long) DISK << 32
            })
    void shouldRefuseHandlesOfNoBlockDevice(long handle) {
        calls.assertReturns(EINVAL, read, handle, 0, DATA, BLOCK);
        calls.assertReturns(EINVAL, write, handle, 0, DATA, BLOCK);
        // The handle comes first: offset and buffer may be anything.
        calls.assertReturns(EINVAL, read, handle, -1, -1, -1);
        assertEquals(0, guest.disk.requests());
        assertEquals(0, guest.loop.requests());
    }

    @ParameterizedTest
    @CsvSource({"8192, 512", "8191, 1", "1, 512", "0, 511", "7680, 1024", "-512, 512", "0, -512"})
    void shouldRefuseRequestsThatAreNotOfTheDevice(long offset, long length) {
        calls.assertReturns(EINVAL, read, DISK, offset, DATA, length);
        calls.assertReturns(EINVAL, write, DISK, offset, DATA, length);
        assertEquals(0, guest.disk.requests());
    }

    @Test
    void shouldReturnThatTheDeviceFailed() {
        guest.disk.fail(new IOException("broken"));
        calls.assertReturns(EUNSPEC, read, DISK, 0, DATA, BLOCK);
        calls.assertReturns(EUNSPEC, write, DISK, 0, DATA, BLOCK);
        assertEquals(List.of("device 'storage': broken", "device 'storage': broken"), guest.lines);
    }

    @Test
    void shouldReturnThatTheDeviceIsReadOnly() {
        try (AttachedGuest other = new AttachedGuest(new RamDisk(BLOCK, BLOCK).readOnly())) {
            other.put(STRUCT, DISK, 0, DATA, BLOCK);
            assertTrue(BlockTransfer.write(other.devices).handle(other.memory, STRUCT));
            assertEquals(EUNSPEC, other.memory.u32(STRUCT + 32));
            assertTrue(BlockTransfer.read(other.devices).handle(other.memory, STRUCT));
            assertEquals(0, other.memory.u32(STRUCT + 32));
        }
    }

    @Test
    void shouldWorkAtTheEndsOfMemory() {
        for (int gpa : new int[] {0, SIZE - 36}) {
            guest.memory.owned(gpa, 36).putLong(0, DISK).putLong(8, 0);
            guest.memory.owned(gpa, 36).putLong(16, DATA).putLong(24, BLOCK).putInt(32, -1);
            assertTrue(read.handle(guest.memory, gpa));
            assertEquals(0, guest.memory.u32(gpa + 32));
        }
    }

    @ParameterizedTest
    @CsvSource({
        // The struct itself: ret first, since it must be there when the work is done.
        "0xffdd, 'gpa=0xfffd, sz=4, memory=0x10000'",
        "0x10000, 'gpa=0x10020, sz=4, memory=0x10000'",
        "0xffffffff, 'gpa=0x10000001f, sz=4, memory=0x10000'",
        // The read-only page begins with ret, within it, ends within it; the struct is all in it.
        "0x7fe0, 'gpa=0x8000, sz=4, the guest may not write 0x8000..0x9000'",
        "0x7fdd, 'gpa=0x7ffd, sz=4, the guest may not write 0x8000..0x9000'",
        "0x8fdf, 'gpa=0x8fff, sz=4, the guest may not write 0x8000..0x9000'",
        "0x8000, 'gpa=0x8020, sz=4, the guest may not write 0x8000..0x9000'"
    })
    void shouldEndTheGuestForAStructItMayNotHave(long gpa, String access) {
        if (gpa <= SIZE - 32) {
            guest.put(gpa, DISK, 0, DATA, BLOCK);
        }
        calls.assertRefused(gpa, access);
    }

    @Test
    void shouldTakeAStructOfWhichOnlyRetIsTheGuestsToWrite() {
        guest.put(0x8fe0, DISK, 0, DATA, BLOCK);
        assertTrue(read.handle(guest.memory, 0x8fe0));
        assertEquals(0, guest.memory.u32(0x9000));
    }

    @ParameterizedTest
    @CsvSource({
        "0xfe01, 'gpa=0xfe01, sz=512, memory=0x10000'",
        "0x10000, 'gpa=0x10000, sz=512, memory=0x10000'",
        "-512, 'gpa=0xfffffffffffffe00, sz=512, memory=0x10000'"
    })
    void shouldEndTheGuestForABufferOutsideMemory(long data, String access) {
        guest.put(STRUCT, DISK, 0, data, BLOCK);
        calls.assertRefused(STRUCT, access);
    }

    @ParameterizedTest
    @ValueSource(longs = {0x7e01, 0x8000, 0x8fff})
    void shouldReadOnlyWhereTheGuestMayWrite(long data) {
        guest.put(STRUCT, DISK, 0, data, BLOCK);
        String access = "gpa=0x" + Long.toHexString(data) + ", sz=512, the guest may not write";
        guest.assertRefused(read, STRUCT, access + " 0x8000..0x9000");
        calls.assertReturns(0, write, DISK, 0, data, BLOCK);
    }

    @ParameterizedTest
    @ValueSource(ints = {STRUCT, STRUCT - 8, STRUCT + 8, STRUCT + 32, STRUCT - 508, STRUCT + 35})
    void shouldReadOverItsOwnStruct(int data) {
        calls.assertReads(512, BLOCK, data, DISK, 512, data, BLOCK);
    }

    @Test
    void shouldWriteItsOwnStructAsItWasWhenCalled() {
        guest.memory.putU32(STRUCT + 32, 0x5a5a5a5a);
        calls.assertReturns(0, write, DISK, 0, STRUCT, BLOCK);
        assertEquals(DISK, guest.disk.at(0));
        assertEquals(0x5a, guest.disk.at(32));
    }

    @Test
    void shouldNameTheHypercallInATable() {
        HypercallTable table =
                new HypercallTable(
                                new HypercallFacts(new Puts(guest.devices.console(), guest.poller)))
                        .with(0x505, Hypercall.BLOCK_READ, read);
        GuestException e =
                assertThrows(GuestException.class, () -> table.call(0x505, guest.memory, 0x8000));
        assertTrue(e.getMessage().startsWith("BLOCK_READ: Invalid guest access: gpa=0x8020"));
    }
}
