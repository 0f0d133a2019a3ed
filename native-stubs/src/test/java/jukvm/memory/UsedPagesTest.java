package jukvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pages that hold something are told in order, and no others are touched. */
final class UsedPagesTest {
    private static final int PAGE = GuestMemory.PAGE;
    private static final int PAGES = 10_000; // more than the kernel is asked about at once

    private static List<Long> used(GuestMemory memory) {
        List<Long> pages = new ArrayList<>();
        UsedPages.each(memory, gpa -> pages.add(gpa / PAGE));
        return pages;
    }

    @Test
    void shouldTellOfEveryPageThatIsNotZero() {
        try (GuestMemory memory = GuestMemory.allocate((long) PAGES * PAGE);
                PageScan scan = PageScan.open()) {
            assertEquals(List.of(), used(memory));
            memory.owned(0, PAGE).put(0, (byte) 1);
            memory.owned(8191L * PAGE, PAGE).put(PAGE - 1, (byte) 1);
            memory.owned(8192L * PAGE, PAGE).put(PAGE / 2, (byte) 1);
            memory.owned((PAGES - 1L) * PAGE, PAGE).put(7, (byte) 1);
            memory.owned(5L * PAGE, PAGE).put(7, (byte) 0);
            assertEquals(List.of(0L, 8191L, 8192L, PAGES - 1L), used(memory));
            assertEquals(5 * PAGE, memory.touched(scan));
        }
    }

    @Test
    void shouldTellOfPagesOfTheTemplateThatWereNeverTouched() {
        try (GuestMemory first = GuestMemory.allocate((long) PAGES * PAGE);
                GuestMemory second = GuestMemory.allocate((long) PAGES * PAGE)) {
            first.putU64(PAGE, 1);
            first.putU64(4L * PAGE, 1);
            try (MemoryTemplate template = first.template(first.size())) {
                assertTrue(second.begin(template));
            }
            second.putU64(4L * PAGE, 0);
            second.putU64(9L * PAGE, 1);
            assertEquals(List.of(1L, 9L), used(second));
        }
    }
}
