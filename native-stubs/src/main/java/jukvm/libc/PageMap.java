package jukvm.libc;

import java.nio.ByteBuffer;

/**
 * Which pages of a mapping the host has backed, in memory or swapped out, since they were touched.
 * Source: Documentation/admin-guide/mm/pagemap.rst.
 */
public final class PageMap implements AutoCloseable {
    private static final Libc LIBC = Libc.get();
    private static final int PAGE = 4096;
    private static final int ENTRY = 8;
    private static final long PRESENT_OR_SWAPPED = 3L << 62;
    private static final long FILE = 1L << 61;
    private static final int CHUNK = 64 << 10;

    private final Fd file = Fd.open("/proc/self/pagemap", Libc.O_RDONLY);
    private final Mapping entries = Mapping.anonymous(CHUNK);
    private final ByteBuffer at = entries.window(0, CHUNK);
    private final Mapping mapping;
    private long from = -1; // The page that the first of the entries at hand is of.

    /** Looks at a mapping, whose owner does not touch it meanwhile. */
    public PageMap(Mapping mapping) {
        this.mapping = mapping;
    }

    /**
     * Returns whether a page was touched.
     *
     * @param page its number within the mapping
     * @throws jukvm.error.HostException if the host cannot tell
     */
    public boolean isBacked(long page) {
        return (entry(page) & PRESENT_OR_SWAPPED) != 0;
    }

    /**
     * Returns whether a page is the mapping's own: backed, and not by what a file under it holds.
     *
     * @param page its number within the mapping
     * @throws jukvm.error.HostException if the host cannot tell
     */
    public boolean isOwn(long page) {
        long entry = entry(page);
        return (entry & PRESENT_OR_SWAPPED) != 0 && (entry & FILE) == 0;
    }

    private long entry(long page) {
        long first = page - page % (CHUNK / ENTRY);
        if (first != from) {
            read(first);
        }
        return at.getLong((int) (page - first) * ENTRY);
    }

    private void read(long first) {
        long wanted = Math.min(CHUNK, (mapping.length() / PAGE - first) * ENTRY);
        long offset = (mapping.address() / PAGE + first) * ENTRY;
        long read = LIBC.pread(file.number(), entries.address(), wanted, offset);
        if (read != wanted) {
            throw Errno.exception("/proc/self/pagemap: pread", read < 0 ? (int) -read : Errno.EIO);
        }
        from = first;
    }

    @Override
    public void close() {
        file.close();
        entries.close();
    }
}
