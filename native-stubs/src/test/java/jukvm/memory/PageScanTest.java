package jukvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.stream.Stream;
import jukvm.libc.Mapping;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What memory a guest has to itself, by the kernel's fast answer and by the slow one. */
final class PageScanTest {
    private static final int PAGE = GuestMemory.PAGE;
    private static final int PAGES = 8192;

    static Stream<PageScan> scans() {
        return Stream.of(PageScan.open(), PageScan.slow());
    }

    private static void touch(GuestMemory memory, int from, int to, int step) {
        for (int page = from; page < to; page += step) {
            memory.putU64((long) page * PAGE, 0x4141414141414141L);
        }
    }

    @ParameterizedTest
    @MethodSource("scans")
    void shouldCountWhatWasWritten(PageScan scan) {
        try (scan;
                GuestMemory memory = GuestMemory.allocate((long) PAGES * PAGE)) {
            assertEquals(0, memory.touched(scan));
            // More ranges than the kernel tells at once.
            touch(memory, 0, PAGES, 2);
            assertEquals((long) PAGES / 2 * PAGE, memory.touched(scan));
            touch(memory, 0, PAGES, 4);
            assertEquals((long) PAGES / 2 * PAGE, memory.touched(scan));
            touch(memory, PAGES - 1, PAGES, 1);
            assertEquals((long) (PAGES / 2 + 1) * PAGE, memory.touched(scan));
            memory.clear();
            assertEquals(0, memory.touched(scan));
        }
    }

    @ParameterizedTest
    @MethodSource("scans")
    void shouldNotCountWhatIsTheTemplates(PageScan scan) {
        try (scan;
                GuestMemory first = GuestMemory.allocate((long) PAGES * PAGE);
                GuestMemory second = GuestMemory.allocate((long) PAGES * PAGE)) {
            touch(first, 0, PAGES / 2, 1);
            try (MemoryTemplate template = first.template(first.size())) {
                second.begin(template);
                for (int page = 0; page < PAGES / 2; page++) {
                    assertEquals(0x41, second.u8((long) page * PAGE));
                }
                assertEquals(0, second.touched(scan));
                touch(second, 0, 100, 1); // Of the template, and changed.
                touch(second, PAGES - 100, PAGES, 1); // Beyond it.
                assertEquals(200L * PAGE, second.touched(scan));
            }
        }
    }

    @Test
    void shouldFindAsManyRangesAsItHasRoomFor() {
        try (PageScan scan = PageScan.open();
                GuestMemory memory = GuestMemory.allocate((long) PAGES * PAGE);
                Mapping arena = Mapping.anonymous(PageScan.ARENA)) {
            Mapping mapping = memory.mapping();
            assumeTrue(scan.find(mapping, arena, 1) == 0, "a host that cannot tell");
            touch(memory, 0, 2 * 127, 2);
            assertEquals(127, scan.find(mapping, arena, 1000));
            assertEquals(0, PageScan.start(arena, mapping, 0));
            assertEquals(PAGE, PageScan.end(arena, mapping, 0));
            assertEquals(252 * PAGE, PageScan.start(arena, mapping, 126));
            assertEquals(253 * PAGE, PageScan.end(arena, mapping, 126));
            touch(memory, 254, 255, 1);
            assertEquals(-1, scan.find(mapping, arena, 1000));
        }
    }

    @Test
    void shouldFindAsManyPagesAsAreAskedFor() {
        try (PageScan scan = PageScan.open();
                PageScan slow = PageScan.slow();
                GuestMemory memory = GuestMemory.allocate((long) PAGES * PAGE);
                Mapping arena = Mapping.anonymous(PageScan.ARENA)) {
            Mapping mapping = memory.mapping();
            assertEquals(-1, slow.find(mapping, arena, 1));
            assumeTrue(scan.find(mapping, arena, 1) == 0, "a host that cannot tell");
            touch(memory, 7, 17, 1);
            assertEquals(1, scan.find(mapping, arena, 10));
            assertEquals(7 * PAGE, PageScan.start(arena, mapping, 0));
            assertEquals(17 * PAGE, PageScan.end(arena, mapping, 0));
            assertEquals(-1, scan.find(mapping, arena, 9));
        }
    }
}
