package jukvm.x86;

import java.nio.ByteBuffer;
import java.util.List;
import jukvm.image.Segment;
import jukvm.memory.GuestMemory;

/**
 * The identity map of guest memory. Source: SDM volume 3, section 4.5, 4-level paging.
 *
 * <p>Ring 0 as solo5-hvt has it: 4 KiB pages below 2 MiB to leave the tables out, then 2 MiB pages,
 * everything executable. Ring 3: each segment with its own rights, everything else writable and not
 * executable, in 2 MiB pages wherever a whole one has the same rights.
 */
final class PageTables {
    private static final int PAGE = GuestMemory.PAGE;
    private static final long REGION = 2L << 20;
    private static final int ENTRIES = 512;

    // With the marks "accessed" and "dirty": left to the processor, it would write to the tables,
    // and so cost each guest a copy of those its memory began with.
    private static final long PRESENT = 1 | 1 << 5 | 1 << 6;
    private static final long WRITABLE = 1 << 1;
    private static final long USER = 1 << 2;
    private static final long LARGE = 1 << 7;
    private static final long NO_EXECUTE = 1L << 63;
    private static final long USER_DATA = PRESENT | WRITABLE | USER | NO_EXECUTE;

    private final GuestMemory memory;
    private final boolean ownsLowMemory;
    private final long tableFlags;
    private long nextTable = GuestLayout.MORE_PAGE_TABLES;

    private PageTables(GuestMemory memory, boolean ownsLowMemory, long tableFlags) {
        this.memory = memory;
        this.ownsLowMemory = ownsLowMemory;
        this.tableFlags = tableFlags;
    }

    /** Writes the tables of a guest at ring 0. */
    static void writeRing0(GuestMemory memory, boolean ownsLowMemory) {
        PageTables tables = new PageTables(memory, ownsLowMemory, PRESENT | WRITABLE);
        tables.writeUpperLevels();
        ByteBuffer first = tables.table(GuestLayout.FIRST_PAGE_TABLE);
        for (long gpa = 0; gpa < REGION; gpa += PAGE) {
            long rights =
                    ownsLowMemory || gpa >= GuestLayout.IMAGE
                            ? PRESENT | WRITABLE
                            : gpa >= GuestLayout.BOOT_INFO ? PRESENT : 0;
            put(first, gpa, rights == 0 ? 0 : gpa | rights);
        }
        for (long gpa = REGION; gpa < memory.size(); gpa += REGION) {
            tables.putRegion(gpa, gpa | PRESENT | WRITABLE | LARGE);
        }
    }

    /**
     * Writes the tables of a guest at ring 3.
     *
     * @return the guest-physical address after the last table
     */
    static long writeRing3(GuestMemory memory, List<Segment> segments, boolean ownsLowMemory) {
        PageTables tables = new PageTables(memory, ownsLowMemory, PRESENT | WRITABLE | USER);
        tables.writeUpperLevels();
        tables.writePages(GuestLayout.FIRST_PAGE_TABLE, 0, segments);
        for (long gpa = REGION; gpa < memory.size(); gpa += REGION) {
            tables.writeRegion(gpa, segments);
        }
        // The tables themselves are the one part of low memory that no guest sees.
        tables.writeLowPages();
        return tables.nextTable;
    }

    private void writeUpperLevels() {
        table(GuestLayout.PML4).putLong(0, GuestLayout.PDPT | tableFlags);
        ByteBuffer pdpt = table(GuestLayout.PDPT);
        for (int i = 0; i < 4; i++) {
            pdpt.putLong(i * 8, (GuestLayout.PAGE_DIRECTORIES + (long) i * PAGE) | tableFlags);
        }
        putRegion(0, GuestLayout.FIRST_PAGE_TABLE | tableFlags);
    }

    private void writeLowPages() {
        ByteBuffer first = table(GuestLayout.FIRST_PAGE_TABLE);
        for (long gpa = 0; gpa < GuestLayout.IMAGE; gpa += PAGE) {
            put(first, gpa, lowPage(gpa));
        }
    }

    private long lowPage(long gpa) {
        if (gpa == GuestLayout.DESCRIPTORS) {
            return gpa | PRESENT | WRITABLE;
        }
        boolean isTable =
                gpa >= GuestLayout.PML4 && gpa < GuestLayout.TABLES_END
                        || gpa >= GuestLayout.MORE_PAGE_TABLES && gpa < nextTable;
        if (ownsLowMemory) {
            return isTable ? 0 : gpa | USER_DATA;
        }
        boolean isBootInfo = gpa >= GuestLayout.BOOT_INFO && gpa < GuestLayout.BOOT_INFO_END;
        return isBootInfo ? gpa | PRESENT | USER | NO_EXECUTE : 0;
    }

    private void writeRegion(long start, List<Segment> segments) {
        long rights = USER_DATA;
        for (Segment segment : segments) {
            if (!isData(segment)
                    && segment.pageStart() < start + REGION
                    && segment.pageEnd() > start) {
                if (segment.pageStart() > start || segment.pageEnd() < start + REGION) {
                    putRegion(start, newTable() | tableFlags);
                    writePages(nextTable - PAGE, start, segments);
                    return;
                }
                rights = rights(segment);
            }
        }
        putRegion(start, start | rights | LARGE);
    }

    // An image has at most 64 segments and each ends in two regions, so there is always room.
    private long newTable() {
        if (nextTable >= GuestLayout.IMAGE) {
            throw new IllegalStateException("no room for page tables");
        }
        long table = nextTable;
        nextTable += PAGE;
        return table;
    }

    private void writePages(long tableGpa, long start, List<Segment> segments) {
        ByteBuffer table = table(tableGpa);
        for (long gpa = start; gpa < start + REGION; gpa += PAGE) {
            put(table, gpa, gpa | USER_DATA);
        }
        for (Segment segment : segments) {
            if (!isData(segment)) {
                long from = Math.max(segment.pageStart(), start);
                long to = Math.min(segment.pageEnd(), start + REGION);
                for (long gpa = from; gpa < to; gpa += PAGE) {
                    put(table, gpa, gpa | rights(segment));
                }
            }
        }
    }

    // Whether its pages are as all others: what has no bytes in the file is, whatever it says.
    private static boolean isData(Segment segment) {
        return !segment.isReadOnly() && !segment.hasAllRights();
    }

    private static long rights(Segment segment) {
        return PRESENT
                | USER
                | (segment.writable() ? WRITABLE : 0)
                | (segment.executable() ? 0 : NO_EXECUTE);
    }

    private void putRegion(long gpa, long entry) {
        long directory = GuestLayout.PAGE_DIRECTORIES + gpa / REGION / ENTRIES * PAGE;
        table(directory).putLong((int) (gpa / REGION % ENTRIES * 8), entry);
    }

    private ByteBuffer table(long gpa) {
        return memory.owned(gpa, PAGE);
    }

    private static void put(ByteBuffer table, long gpa, long entry) {
        table.putLong((int) (gpa / PAGE % ENTRIES * 8), entry);
    }
}
