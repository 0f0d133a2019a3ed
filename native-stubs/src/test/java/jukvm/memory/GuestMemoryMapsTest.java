package jukvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import jukvm.testing.ProcMaps;
import jukvm.testing.ProcMaps.Area;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where guest memory lies in the process: readable and writable all its life, backed by no file,
 * and with a guard of 2 GiB below it and up to 6 GiB from its start.
 */
class GuestMemoryMapsTest {
    private static final long GIB = 1L << 30;

    @ParameterizedTest
    @ValueSource(longs = {4096, 16 << 20, GIB, 4 * GIB})
    void shouldLieBetweenGuardsAllItsLife(long size) {
        GuestMemory memory = GuestMemory.allocate(size);
        long start = memory.mapping().address();
        assertGuarded(start, size);

        memory.putU64(0, -1);
        memory.putU64(size - 8, -1);
        assertGuarded(start, size);

        memory.protect(0, 4096);
        assertGuarded(start, size);
        memory.owned(0, 8).putLong(0, 7);
        assertEquals(7, memory.u64(0));

        memory.close();
        Area usable = usable(start, size);
        assertTrue(ProcMaps.read().stream().noneMatch(usable::equals));
        // Nothing else maps as much as the whole area: no part of it was left behind.
        long guard = start - 2 * GIB;
        assertEquals(List.of(), overlapping(guard, start).filter(a -> large(a, guard)).toList());
    }

    private static boolean large(Area area, long guard) {
        return area.start() <= guard && area.end() >= guard + 2 * GIB;
    }

    private static void assertGuarded(long start, long size) {
        assertEquals(
                List.of(usable(start, size)),
                overlapping(start, start + size).toList(),
                "one mapping, and no other protection in it");
        List<Area> below = overlapping(start - 2 * GIB, start).toList();
        assertEquals(1, below.size());
        assertEquals("---p", below.get(0).protection());
        assertTrue(below.get(0).start() <= start - 2 * GIB);
        List<Area> above = overlapping(start + size, start + 6 * GIB).toList();
        assertEquals(1, above.size());
        assertEquals("---p", above.get(0).protection());
        assertTrue(above.get(0).end() >= start + 6 * GIB);
    }

    private static Area usable(long start, long size) {
        return new Area(start, start + size, "rw-p", 0, "");
    }

    private static java.util.stream.Stream<Area> overlapping(long from, long to) {
        return ProcMaps.read().stream().filter(a -> a.start() < to && a.end() > from);
    }
}
