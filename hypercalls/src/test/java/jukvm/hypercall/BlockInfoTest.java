package jukvm.hypercall;

import static jukvm.hypercall.AttachedGuest.STRUCT;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import jukvm.device.RamDisk;
import jukvm.error.GuestException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Offsets are as ukvm.h has them: sector_size 0, num_sectors 8, rw 16. */
class BlockInfoTest {
    @ParameterizedTest
    @CsvSource({"8192, 512, false", "8192, 4096, false", "512, 512, true"})
    void shouldTellTheSizeAndNoMore(int capacity, int blockSize, boolean readOnly) {
        RamDisk disk = new RamDisk(capacity, blockSize);
        try (AttachedGuest guest = new AttachedGuest(readOnly ? disk.readOnly() : disk)) {
            ByteBuffer expected = guest.copy();
            expected.putLong(STRUCT, blockSize).putLong(STRUCT + 8, capacity / blockSize);
            expected.putInt(STRUCT + 16, readOnly ? 0 : 1);
            assertTrue(new BlockInfo(guest.block).handle(guest.memory, STRUCT));
            guest.assertMemory(expected);
            assertEquals(0, disk.requests());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {0xfff0, 0xfff9, 0x10000, 0xffffffffL, 0x8000, 0x8ff8, 0x7ff0, 0x7ff9})
    void shouldEndTheGuestForAStructItMayNotHave(long gpa) {
        try (AttachedGuest guest = new AttachedGuest()) {
            ByteBuffer before = guest.copy();
            BlockInfo info = new BlockInfo(guest.block);
            assertThrows(GuestException.class, () -> info.handle(guest.memory, gpa));
            for (int i = AttachedGuest.READ_ONLY; i < AttachedGuest.READ_ONLY_END; i++) {
                assertEquals(before.get(i), (byte) guest.memory.u8(i));
            }
        }
    }

    @Test
    void shouldKnowWhereItsStructEnds() {
        try (AttachedGuest guest = new AttachedGuest()) {
            BlockInfo info = new BlockInfo(guest.block);
            assertTrue(info.handle(guest.memory, AttachedGuest.SIZE - 20));
            assertTrue(info.handle(guest.memory, AttachedGuest.READ_ONLY - 20));
            assertTrue(info.handle(guest.memory, AttachedGuest.READ_ONLY_END));
        }
    }
}
