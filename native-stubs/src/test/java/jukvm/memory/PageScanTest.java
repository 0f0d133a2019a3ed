package jukvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.Stream;
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
            try (MemoryTemplate template = first.template()) {
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
}
