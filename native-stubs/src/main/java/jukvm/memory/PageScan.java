package jukvm.memory;

import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.PageMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the pages of private mappings that a process has made its own by writing to them, since
 * Linux 6.7. Source: Documentation/admin-guide/mm/pagemap.rst, PAGEMAP_SCAN; linux/fs.h, struct
 * pm_scan_arg and page_region.
 *
 * <p>Opened once, for any thread; each passes its own arena.
 */
public final class PageScan implements AutoCloseable {
    /** Bytes of memory that {@link #find} needs to talk to the kernel. */
    static final int ARENA = 4096;

    /** How many ranges are found at most. */
    private static final int MAX_REGIONS = 128;

    /** The request by which the kernel is asked. */
    public static final long SCAN = 0xc0606610L; // _IOWR('f', 16, struct pm_scan_arg)

    private static final int SIZE = 96;
    private static final int START = 16;
    private static final int END = 24;
    private static final int WALK_END = 32;
    private static final int VEC = 40;
    private static final int VEC_LEN = 48;
    private static final int MAX_PAGES = 56;
    private static final int INVERTED = 64;
    private static final int MASK = 72;
    private static final int ANY_OF = 80;
    private static final int RETURNED = 88;
    private static final int REGION = 24; // start u64, end u64, categories u64
    private static final int AT_REGIONS = 128;

    private static final long IS_FILE = 1 << 2;
    private static final long IS_PRESENT = 1 << 3;
    private static final long IS_SWAPPED = 1 << 4;
    private static final long IS_ZERO_PAGE = 1 << 5;

    // For counting: as many ranges as the kernel collects at once. Asked for more, Linux 6.18 tells
    // some pages twice.
    private static final int COUNT_REGIONS = 512;
    private static final int COUNT_ARENA = AT_REGIONS + COUNT_REGIONS * REGION;

    private static final Libc LIBC = Libc.get();

    private final @Nullable Fd file;

    private PageScan(@Nullable Fd file) {
        this.file = file;
    }

    /** Opens one, also on a host without a page map, where it cannot tell and says so. */
    public static PageScan open() {
        try {
            return new PageScan(Fd.open("/proc/self/pagemap", Libc.O_RDONLY));
        } catch (HostException e) {
            return slow();
        }
    }

    /** Makes one as on a host without that call, where pages can only be counted, one by one. */
    static PageScan slow() {
        return new PageScan(null);
    }

    /**
     * Looks through a mapping.
     *
     * @param arena of {@link #ARENA} bytes, where start and end of each find the answer
     * @param maxPages more of them are not told
     * @return how many ranges there are; negative if there are more pages or ranges than that, or
     *     the host cannot tell
     */
    int find(Mapping mapping, Mapping arena, int maxPages) {
        if (file == null) {
            return -1;
        }
        ask(mapping, arena, MAX_REGIONS);
        arena.window(MAX_PAGES, Long.BYTES).putLong(0, maxPages + 1L);
        int found = LIBC.ioctl(file.number(), SCAN, arena.address());
        if (found < 0 || found == MAX_REGIONS) {
            return -1;
        }
        return bytes(arena, mapping, found) > maxPages * 4096L ? -1 : found;
    }

    /**
     * Returns how much of a mapping it is together, in bytes; from any thread, also while the
     * mapping is being unmapped, when it may be any number. Where the host has no such call, pages
     * of zeroes that were only read count, too.
     *
     * @throws HostException if the host cannot tell
     */
    long count(Mapping mapping) {
        if (file == null) {
            return slowly(mapping);
        }
        try (Mapping arena = Mapping.anonymous(COUNT_ARENA)) {
            ask(mapping, arena, COUNT_REGIONS);
            ByteBuffer at = arena.window(0, SIZE);
            long end = at.getLong(END);
            long bytes = 0;
            while (at.getLong(START) < end) {
                int found = LIBC.ioctl(file.number(), SCAN, arena.address());
                if (found < 0) {
                    return slowly(mapping);
                }
                bytes += bytes(arena, mapping, found);
                at.putLong(START, at.getLong(WALK_END)).putLong(WALK_END, 0);
            }
            return bytes;
        }
    }

    // Before Linux 6.7, or where a filter forbids that call.
    private static long slowly(Mapping mapping) {
        try (PageMap pages = new PageMap(mapping)) {
            long count = 0;
            for (long page = 0; page < mapping.length() / 4096; page++) {
                count += pages.isOwn(page) ? 1 : 0;
            }
            return count * 4096;
        }
    }

    private static void ask(Mapping mapping, Mapping arena, int maxRegions) {
        ByteBuffer at = arena.window(0, SIZE);
        at.putLong(0, SIZE).putLong(8, 0);
        at.putLong(START, mapping.address()).putLong(END, mapping.address() + mapping.length());
        at.putLong(VEC, arena.address() + AT_REGIONS).putLong(VEC_LEN, maxRegions);
        at.putLong(MAX_PAGES, 0).putLong(WALK_END, 0);
        at.putLong(INVERTED, IS_FILE | IS_ZERO_PAGE).putLong(MASK, IS_FILE | IS_ZERO_PAGE);
        at.putLong(ANY_OF, IS_PRESENT | IS_SWAPPED).putLong(RETURNED, IS_PRESENT);
    }

    private static long bytes(Mapping arena, Mapping mapping, int regions) {
        long bytes = 0;
        for (int i = 0; i < regions; i++) {
            bytes += end(arena, mapping, i) - start(arena, mapping, i);
        }
        return bytes;
    }

    /** Returns where a range that was found starts, in bytes from the mapping's first. */
    static long start(Mapping arena, Mapping mapping, int index) {
        return arena.window(AT_REGIONS + index * REGION, Long.BYTES).getLong(0) - mapping.address();
    }

    /** Returns where a range that was found ends, in bytes from the mapping's first. */
    static long end(Mapping arena, Mapping mapping, int index) {
        int at = AT_REGIONS + index * REGION + Long.BYTES;
        return arena.window(at, Long.BYTES).getLong(0) - mapping.address();
    }

    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }
}
