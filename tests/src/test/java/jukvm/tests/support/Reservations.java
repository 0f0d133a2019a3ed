package jukvm.tests.support;

import java.util.ArrayList;
import java.util.List;

/**
 * The large ranges of addresses that nobody may touch, of one process at one moment: two or three
 * of the JVM's, and the guards around each guest's memory, most of a window of 8 GiB. Their number
 * alone says nothing, since the JVM gives back parts of its heap, which is one range more. Source:
 * proc(5), /proc/PID/maps.
 */
final class Reservations {
    private static final long LARGE = 1L << 30;

    /** Addresses from one to before another. */
    private record Range(long start, long end) {
        boolean contains(Range other) {
            return start <= other.start && other.end <= end;
        }
    }

    private final List<Range> untouchable = new ArrayList<>();

    // Whatever is mapped, without the borders within.
    private final List<Range> mapped = new ArrayList<>();

    /** Finds them in the lines of a process's maps. */
    Reservations(List<String> maps) {
        for (String line : maps) {
            String[] ends = line.substring(0, line.indexOf(' ')).split("-", -1);
            Range range =
                    new Range(
                            Long.parseUnsignedLong(ends[0], 16),
                            Long.parseUnsignedLong(ends[1], 16));
            if (line.contains("---p 00000000 00:00 0") && range.end - range.start >= LARGE) {
                untouchable.add(range);
            }
            int last = mapped.size() - 1;
            if (last >= 0 && mapped.get(last).end == range.start) {
                mapped.set(last, new Range(mapped.get(last).start, range.end));
            } else {
                mapped.add(range);
            }
        }
    }

    /**
     * Returns how many have come since, less those that have gone; of what was mapped all along
     * none.
     */
    long minus(Reservations before) {
        return Math.max(0, outside(before) - before.outside(this));
    }

    private long outside(Reservations other) {
        return untouchable.stream()
                .filter(range -> other.mapped.stream().noneMatch(known -> known.contains(range)))
                .count();
    }

    @Override
    public String toString() {
        return Integer.toString(untouchable.size());
    }
}
