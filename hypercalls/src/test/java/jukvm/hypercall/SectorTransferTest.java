package jukvm.hypercall;

import static jukvm.hypercall.AttachedGuest.BLOCK;
import static jukvm.hypercall.AttachedGuest.DATA;
import static jukvm.hypercall.AttachedGuest.SIZE;
import static jukvm.hypercall.AttachedGuest.STRUCT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import jukvm.device.RamDisk;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Offsets are as ukvm.h of 0.2 and 0.3 has them: sector 0, data 8, len 16, ret 24. */
class SectorTransferTest {
    private final AttachedGuest guest = new AttachedGuest();
    private final SectorTransfer read = SectorTransfer.read(guest.block);
    private final SectorTransfer write = SectorTransfer.write(guest.block);
    private final DiskCalls calls = new DiskCalls(guest, read, write, 24);

    @AfterEach
    void close() {
        guest.close();
    }

    @ParameterizedTest
    @CsvSource({"0, 512", "15, 512", "2, 2048"})
    void shouldReadToTheBufferAndNoFurther(int sector, int length) {
        calls.assertReads(sector * BLOCK, length, DATA, sector, DATA, length);
    }

    @ParameterizedTest
    @CsvSource({"0, 512", "15, 512", "2, 2048"})
    void shouldWriteTheBufferAndNoFurther(int sector, int length) {
        calls.assertWrites(sector * BLOCK, length, sector, DATA, length);
    }

    @Test
    void shouldCountSectorsInBlocksOfTheDevice() {
        try (AttachedGuest other = new AttachedGuest(new RamDisk(4 * 4096, 4096))) {
            other.put(STRUCT, 3, DATA, 4096);
            assertTrue(SectorTransfer.read(other.block).handle(other.memory, STRUCT));
            assertEquals(0, other.memory.u32(STRUCT + 24));
            assertEquals(other.disk.original(3 * 4096), (byte) other.memory.u8(DATA));
            other.put(STRUCT, 4, DATA, 4096);
            assertTrue(SectorTransfer.read(other.block).handle(other.memory, STRUCT));
            assertEquals(-1, other.memory.u32(STRUCT + 24));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "16, 512",
        "16, 0",
        "15, 1024",
        "0, 8704",
        "0, 511",
        "0, 513",
        "0, -512",
        "15, 9223372036854775807",
        "-1, 512",
        "-9223372036854775808, 512",
        // Times 512 these are 0 again, in 64 bits.
        "36028797018963968, 512",
        "36028797018963969, 512",
        "72057594037927936, 512"
    })
    void shouldRefuseWhatIsNotOfTheDevice(long sector, long length) {
        calls.assertReturns(-1, read, sector, DATA, length);
        calls.assertReturns(-1, write, sector, DATA, length);
        calls.assertReturns(-1, read, sector, -1, length);
        assertEquals(0, guest.disk.requests());
    }

    @Test
    void shouldReturnThatTheDeviceFailed() {
        guest.disk.fail(new IOException("broken"));
        calls.assertReturns(-1, read, 0, DATA, BLOCK);
        calls.assertReturns(-1, write, 0, DATA, BLOCK);
        assertEquals(2, guest.block.counters().errors());
    }

    @ParameterizedTest
    @CsvSource({
        "0xffe5, 'gpa=0xfffd, sz=4, memory=0x10000'",
        "0x10000, 'gpa=0x10018, sz=4, memory=0x10000'",
        "0xffffffff, 'gpa=0x100000017, sz=4, memory=0x10000'",
        "0x7fe8, 'gpa=0x8000, sz=4, the guest may not write 0x8000..0x9000'",
        "0x7fe5, 'gpa=0x7ffd, sz=4, the guest may not write 0x8000..0x9000'",
        "0x8fe7, 'gpa=0x8fff, sz=4, the guest may not write 0x8000..0x9000'",
        "0x8000, 'gpa=0x8018, sz=4, the guest may not write 0x8000..0x9000'"
    })
    void shouldEndTheGuestForAStructItMayNotHave(long gpa, String access) {
        if (gpa <= SIZE - 24) {
            guest.put(gpa, 0, DATA, BLOCK);
        }
        calls.assertRefused(gpa, access);
    }

    @Test
    void shouldTakeAStructOfWhichOnlyRetIsTheGuestsToWrite() {
        guest.put(0x8fe8, 0, DATA, BLOCK);
        assertTrue(read.handle(guest.memory, 0x8fe8));
        assertEquals(0, guest.memory.u32(0x9000));
    }

    @Test
    void shouldWorkAtTheEndsOfMemory() {
        for (int gpa : new int[] {0, SIZE - 28}) {
            guest.put(gpa, 0, DATA, BLOCK);
            guest.memory.putU32(gpa + 24, -1);
            assertTrue(write.handle(guest.memory, gpa));
            assertEquals(0, guest.memory.u32(gpa + 24));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0xfe01, 'gpa=0xfe01, sz=512, memory=0x10000'",
        "-512, 'gpa=0xfffffffffffffe00, sz=512, memory=0x10000'"
    })
    void shouldEndTheGuestForABufferOutsideMemory(long data, String access) {
        guest.put(STRUCT, 0, data, BLOCK);
        calls.assertRefused(STRUCT, access);
    }

    @ParameterizedTest
    @ValueSource(longs = {0x7e01, 0x8000, 0x8fff})
    void shouldReadOnlyWhereTheGuestMayWrite(long data) {
        guest.put(STRUCT, 0, data, BLOCK);
        String access = "gpa=0x" + Long.toHexString(data) + ", sz=512, the guest may not write";
        guest.assertRefused(read, STRUCT, access + " 0x8000..0x9000");
        calls.assertReturns(0, write, 0, data, BLOCK);
    }

    @ParameterizedTest
    @ValueSource(ints = {STRUCT, STRUCT - 8, STRUCT + 24, STRUCT - 508, STRUCT + 27})
    void shouldReadOverItsOwnStruct(int data) {
        calls.assertReads(512, BLOCK, data, 1, data, BLOCK);
    }
}
