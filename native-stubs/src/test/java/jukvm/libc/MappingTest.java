package jukvm.libc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import jukvm.error.HostException;
import jukvm.testing.ProcMaps;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MappingTest {
    private static final int PAGE = 4096;

    @Test
    void shouldMapZeroedMemory() {
        try (Mapping mapping = Mapping.anonymous(PAGE)) {
            assertEquals(PAGE, mapping.length());
            ByteBuffer all = mapping.window(0, PAGE);
            assertEquals(ByteOrder.LITTLE_ENDIAN, all.order());
            assertEquals(ByteBuffer.allocate(PAGE), all);
            assertEquals(mapping.address(), Libc.get().address(all));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "0, 0, 0",
        "0, 1, 0",
        "4095, 1, 4095",
        "0, 4096, 0",
        "4096, 0, 4096",
    })
    void shouldGiveWindowsInside(long offset, long count) {
        try (Mapping mapping = Mapping.anonymous(PAGE)) {
            ByteBuffer window = mapping.window(offset, count);
            assertEquals(count, window.capacity());
        }
    }

    @ParameterizedTest
    @CsvSource({
        "-1, 1",
        "0, -1",
        "0, 4097",
        "1, 4096",
        "4096, 1",
        "4097, 0",
        "9223372036854775807, 1",
        "9223372036854775807, 9223372036854775807",
        "-9223372036854775808, 0",
        "0, -9223372036854775808",
        "0, 2147483648",
        "4294967296, 1",
        "0, 4294967297"
    })
    void shouldRefuseWindowsThatReachOutside(long offset, long count) {
        try (Mapping mapping = Mapping.anonymous(PAGE)) {
            IllegalArgumentException e =
                    assertThrows(
                            IllegalArgumentException.class, () -> mapping.window(offset, count));
            assertEquals("offset=" + offset + " count=" + count + " length=4096", e.getMessage());
        }
    }

    @Test
    void shouldRefuseWindowsLongerThanABuffer() {
        try (Mapping mapping = Mapping.anonymous(4L << 30)) {
            assertEquals(Integer.MAX_VALUE, mapping.window(1, Integer.MAX_VALUE).capacity());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> mapping.window(0, Integer.MAX_VALUE + 1L));
        }
    }

    @Test
    void shouldRefuseWindowsAfterClose() {
        Mapping mapping = Mapping.anonymous(PAGE);
        mapping.close();
        assertThrows(IllegalStateException.class, () -> mapping.window(0, 1));
    }

    @RepeatedTest(20)
    void shouldNotUnmapWhatLiesThereNowWhenClosedTwice() {
        // The kernel gives the same place again, unless another thread of the JVM was faster.
        long length = 32L << 30;
        Mapping first = Mapping.anonymous(length);
        first.close();
        try (Mapping second = Mapping.anonymous(length)) {
            first.close();
            long end = second.address() + length;
            assertTrue(ProcMaps.at(second.address()).orElseThrow().end() >= end);
        }
    }

    @Test
    void shouldLieBetweenGuards() {
        long before = 16L * PAGE;
        long after = 32L * PAGE;
        try (Mapping mapping = Mapping.guarded(3 * PAGE, before, after)) {
            long start = mapping.address();
            long end = start + 3 * PAGE;
            assertEquals(3 * PAGE, mapping.length());
            assertEquals(
                    new ProcMaps.Area(start, end, "rw-p", 0, ""), ProcMaps.at(start).orElseThrow());
            ProcMaps.Area below = ProcMaps.at(start - 1).orElseThrow();
            assertEquals("---p", below.protection());
            assertTrue(below.start() <= start - before);
            ProcMaps.Area above = ProcMaps.at(end).orElseThrow();
            assertEquals("---p", above.protection());
            assertTrue(above.end() >= start + after);
        }
    }

    @Test
    void shouldShareAFile(@TempDir Path dir) throws Exception {
        Path file = Files.write(dir.resolve("file"), new byte[PAGE]);
        try (Fd fd = Fd.open(file.toString(), Libc.O_RDWR);
                Mapping mapping = fd.map(PAGE)) {
            mapping.window(8, 8).putLong(0, 0x1122334455667788L);
            ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
            assertEquals(0x8877665544332211L, bytes.getLong(8));
        }
    }

    @Test
    void shouldTellSizeAndRemedyWhenTheHostRefuses() {
        long length = 1L << 62;
        HostException e = assertThrows(HostException.class, () -> Mapping.anonymous(length));
        assertEquals(
                "mmap of 4611686018427387904 bytes: ENOMEM (Cannot allocate memory). Free memory,"
                        + " or raise the limits on address space (ulimit -v), data (ulimit -d)"
                        + " and mappings (vm.max_map_count).",
                e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1})
    void shouldRefuseLengthsThatAreNone(long length) {
        assertThrows(HostException.class, () -> Mapping.anonymous(length));
    }
}
