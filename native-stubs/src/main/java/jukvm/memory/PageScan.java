package jukvm.memory;

import java.nio.ByteBuffer;
import jukvm.error.HostException;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
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

    private static final long SCAN = 0xc0606610L; // _IOWR('f', 16, struct pm_scan_arg)
    private static final int SIZE = 96;
    private static final int START = 16;
    private static final int END = 24;
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

    private static final Libc LIBC = Libc.get();

    private final @Nullable Fd file;

    private PageScan(@Nullable Fd file) {
        this.file = file;
    }

    /** Opens one; on a host that does not show its page map it finds that it cannot tell. */
    public static PageScan open() {
        try {
            return new PageScan(Fd.open("/proc/self/pagemap", Libc.O_RDONLY));
        } catch (HostException e) {
            return new PageScan(null);
        }
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
        ByteBuffer at = arena.window(0, ARENA);
        at.putLong(0, SIZE).putLong(8, 0);
        at.putLong(START, mapping.address()).putLong(END, mapping.address() + mapping.length());
        at.putLong(VEC, arena.address() + AT_REGIONS).putLong(VEC_LEN, MAX_REGIONS);
        at.putLong(MAX_PAGES, maxPages + 1L);
        at.putLong(INVERTED, IS_FILE | IS_ZERO_PAGE).putLong(MASK, IS_FILE | IS_ZERO_PAGE);
        at.putLong(ANY_OF, IS_PRESENT | IS_SWAPPED).putLong(RETURNED, IS_PRESENT);
        int found = LIBC.ioctl(file.number(), SCAN, arena.address());
        if (found < 0 || found == MAX_REGIONS) {
            return -1;
        }
        long bytes = 0;
        for (int i = 0; i < found; i++) {
            bytes += end(arena, mapping, i) - start(arena, mapping, i);
        }
        return bytes > maxPages * 4096L ? -1 : found;
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
