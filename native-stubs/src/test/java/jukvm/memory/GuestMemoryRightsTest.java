package jukvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import jukvm.error.GuestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the guest may not write, the host does not write on its behalf. */
final class GuestMemoryRightsTest {
    private static final long SIZE = 1L << 20;
    private static final int PAGE = GuestMemory.PAGE;

    private final GuestMemory memory = GuestMemory.allocate(SIZE);

    @AfterEach
    void close() {
        memory.close();
    }

    private static void assertRefused(String message, Runnable access) {
        GuestException e = assertThrows(GuestException.class, access::run);
        assertEquals(message, e.getMessage());
    }

    @ParameterizedTest
    @CsvSource({
        // The guest may not write 0x3000..0x5000 and 0x8000..0x9000.
        "0x0, 0x3000, true",
        "0x2fff, 1, true",
        "0x2fff, 2, false",
        "0x3000, 1, false",
        "0x3000, 0x2000, false",
        "0x3800, 0x10, false",
        "0x2000, 0x4000, false",
        "0x4fff, 1, false",
        "0x4fff, 2, false",
        "0x5000, 1, true",
        "0x5000, 0x3000, true",
        "0x5000, 0x3001, false",
        "0x8fff, 1, false",
        "0x9000, 1, true",
        "0x9000, 0xf7000, true",
        "0x0, 0x100000, false"
    })
    void shouldRefuseToWriteWhatTheGuestMayNot(String gpa, String length, boolean writable) {
        memory.protect(0x3000, 0x2000);
        memory.protect(0x8000, PAGE);
        long start = Long.decode(gpa);
        long count = Long.decode(length);
        assertEquals(writable, memory.isWritable(start, count));
        if (writable) {
            memory.requireWritable(start, count);
            memory.writable(start, count).put((byte) 1);
        } else {
            assertThrows(GuestException.class, () -> memory.requireWritable(start, count));
            assertThrows(GuestException.class, () -> memory.writable(start, count));
        }
        memory.requireReadable(start, count);
        assertEquals(count, memory.readable(start, count).remaining());
        assertEquals(count, memory.owned(start, count).remaining());
    }

    @ParameterizedTest
    @CsvSource({
        // The monitor's own are 0x1000..0x3000 and 0x20000..0x21000.
        "0x0, 0x1000, true",
        "0xfff, 1, true",
        "0xfff, 2, false",
        "0x1000, 1, false",
        "0x1000, 0, true",
        "0x1ff8, 8, false",
        "0x2fff, 1, false",
        "0x2fff, 0x100, false",
        "0x3000, 0x1d000, true",
        "0x3000, 0x1d001, false",
        "0x20fff, 0x100, false",
        "0x21000, 0xdf000, true",
        "0x0, 0x100000, false"
    })
    void shouldRefuseToReadWhatIsTheMonitorsOwn(String gpa, String length, boolean readable) {
        memory.hide(0x1000, 0x2000);
        memory.hide(0x20000, PAGE);
        long start = Long.decode(gpa);
        long count = Long.decode(length);
        assertEquals(readable, memory.isReadable(start, count));
        assertEquals(count, memory.owned(start, count).remaining());
        if (readable) {
            memory.requireReadable(start, count);
            assertEquals(count, memory.readable(start, count).remaining());
        } else {
            assertThrows(GuestException.class, () -> memory.requireReadable(start, count));
            assertThrows(GuestException.class, () -> memory.readable(start, count));
        }
    }

    @Test
    void shouldRefuseValuesThatAreTheMonitorsOwn() {
        memory.owned(0x1000, 8).putLong(0, 42);
        memory.hide(0x1000, PAGE);
        String range = ", the guest may not read 0x1000..0x2000";
        String access = "Invalid guest access: gpa=0x";
        assertRefused(access + "1000, sz=1" + range, () -> memory.u8(0x1000));
        assertRefused(access + "fff, sz=2" + range, () -> memory.u16(0xfff));
        assertRefused(access + "ffd, sz=4" + range, () -> memory.u32(0xffd));
        assertRefused(access + "1fff, sz=8" + range, () -> memory.u64(0x1fff));
        assertEquals(0, memory.u64(0xff8));
        assertEquals(0, memory.u64(0x2000));
        assertThrows(IllegalArgumentException.class, () -> memory.hide(0xff000, 2 * PAGE));
        assertThrows(IllegalArgumentException.class, () -> memory.hide(0, PAGE));
    }

    @Test
    void shouldHideTheSameFromASecondThreadAndWhereATemplateBegins() {
        memory.hide(0x1000, PAGE);
        memory.owned(0x1000, 8).putLong(0, 42);
        try (GuestMemory second = memory.forSecondThread();
                MemoryTemplate template = memory.template(memory.size());
                GuestMemory other = GuestMemory.allocate(SIZE)) {
            assertFalse(second.isReadable(0x1000, 1));
            assertTrue(other.begin(template));
            assertFalse(other.isReadable(0x1000, 1));
            other.clear();
            assertTrue(other.isReadable(0x1000, 1));
        }
    }

    @Test
    void shouldLetNothingBeReadAndWrittenAnywhere() {
        memory.hide(0x1000, PAGE);
        memory.protect(0x1000, PAGE);
        assertEquals(0, memory.readable(0x1800, 0).remaining());
        assertEquals(0, memory.writable(0x1800, 0).remaining());
    }

    @ParameterizedTest
    @ValueSource(longs = {0x2000, 0x3000, 0x3800, 0x5000, SIZE})
    void shouldWriteNothingAnywhereInside(long gpa) {
        memory.protect(0x3000, 0x2000);
        assertTrue(memory.isWritable(gpa, 0));
        memory.requireWritable(gpa, 0);
        assertEquals(0, memory.writable(gpa, 0).remaining());
        assertThrows(GuestException.class, () -> memory.requireWritable(SIZE + 1, 0));
    }

    @Test
    void shouldRefuseValuesThatTouchWhatTheGuestMayNotWrite() {
        memory.owned(0x3000, 8).putLong(0, 42);
        memory.protect(0x3000, PAGE);
        String range = ", the guest may not write 0x3000..0x4000";
        String access = "Invalid guest access: gpa=0x";
        assertRefused(access + "2ffd, sz=4" + range, () -> memory.putU32(0x2ffd, -1));
        assertRefused(access + "2ff9, sz=8" + range, () -> memory.putU64(0x2ff9, -1));
        assertRefused(access + "3000, sz=4" + range, () -> memory.putU32(0x3000, -1));
        assertRefused(access + "3fff, sz=8" + range, () -> memory.putU64(0x3fff, -1));
        memory.putU32(0x2ffc, -1);
        memory.putU64(0x2ff8, -1);
        memory.putU32(0x4000, -1);
        memory.putU64(0x4000, -1);
        assertEquals(42, memory.u64(0x3000));
        assertEquals(0, memory.u64(0x3ff8));
    }

    @Test
    void shouldMergeAdjacentRanges() {
        memory.protect(0x3000, PAGE);
        memory.protect(0x4000, PAGE);
        memory.protect(0x5000, 2 * PAGE);
        memory.protect(0x9000, PAGE);
        assertRefused(
                "Invalid guest access: gpa=0x4800, sz=1, the guest may not write 0x3000..0x7000",
                () -> memory.writable(0x4800, 1));
        assertRefused(
                "Invalid guest access: gpa=0x9800, sz=1, the guest may not write 0x9000..0xa000",
                () -> memory.writable(0x9800, 1));
        assertTrue(memory.isWritable(0x7000, 2 * PAGE));
    }

    @ParameterizedTest
    @CsvSource({"0x0, 0x1000", "0x2000, 0x1000", "0x3000, 0x1000", "0x4fff, 0x1000"})
    void shouldRefuseRangesOutOfOrder(String gpa, String length) {
        memory.protect(0x3000, 0x2000);
        assertThrows(
                IllegalArgumentException.class,
                () -> memory.protect(Long.decode(gpa), Long.decode(length)));
        assertTrue(memory.isWritable(0, 0x3000));
        assertTrue(memory.isWritable(0x5000, SIZE - 0x5000));
    }

    @ParameterizedTest
    @CsvSource({
        "-4096, 4096",
        "0, 0",
        "0, -4096",
        "0, 1052672",
        "1048576, 4096",
        "4096, 9223372036854775807",
        "9223372036854775807, 4096"
    })
    void shouldRefuseToProtectWhatIsNotThere(long gpa, long length) {
        assertThrows(IllegalArgumentException.class, () -> memory.protect(gpa, length));
        assertTrue(memory.isWritable(0, SIZE));
    }

    @Test
    void shouldProtectAllOfIt() {
        memory.protect(0, SIZE);
        assertFalse(memory.isWritable(0, 1));
        assertFalse(memory.isWritable(SIZE - 1, 1));
        assertEquals(0, memory.u64(SIZE - 8));
    }

    private static AccessWatch listing(List<String> told) {
        return new AccessWatch() {
            @Override
            public void reads(long gpa, long length) {
                told.add("reads " + gpa + "+" + length);
            }

            @Override
            public void writes(long gpa, long length) {
                told.add("writes " + gpa + "+" + length);
            }
        };
    }

    @Test
    void shouldTellAWatchOfAllThatIsReadAndWrittenForTheGuest() {
        List<String> told = new ArrayList<>();
        memory.watch(listing(told));
        memory.u8(1);
        memory.u16(2);
        memory.u32(4);
        memory.u64(8);
        memory.putU32(16, 1);
        memory.putU64(24, 1);
        memory.readable(SIZE - PAGE, PAGE);
        memory.writable(SIZE, 0);
        List<String> all =
                List.of(
                        "reads 1+1",
                        "reads 2+2",
                        "reads 4+4",
                        "reads 8+8",
                        "writes 16+4",
                        "writes 24+8",
                        "reads 1044480+4096",
                        "writes 1048576+0");
        assertEquals(all, told);
        memory.owned(0, 8).putLong(0, 1); // The monitor's own business.
        memory.requireReadable(0, 1); // Checked and not used, as what follows.
        memory.requireWritable(0, 1);
        memory.isReadable(0, 1);
        memory.isWritable(0, 1);
        memory.clear();
        memory.watch(AccessWatch.NOBODY);
        memory.u8(0);
        memory.putU32(0, 1);
        assertEquals(all, told);
    }

    @Test
    void shouldTellAWatchNothingThatIsRefused() {
        List<String> told = new ArrayList<>();
        memory.protect(0x3000, PAGE);
        memory.hide(0x1000, PAGE);
        memory.watch(listing(told));
        assertThrows(GuestException.class, () -> memory.u8(0x1000));
        assertThrows(GuestException.class, () -> memory.putU32(0x3000, 1));
        assertThrows(GuestException.class, () -> memory.readable(SIZE, 1));
        assertThrows(GuestException.class, () -> memory.writable(SIZE, 1));
        assertEquals(List.of(), told);
    }
}
