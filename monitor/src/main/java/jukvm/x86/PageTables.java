package jukvm.x86;

import java.nio.ByteBuffer;
import java.util.List;
import jukvm.abi.PrivilegeLevel;
import jukvm.image.Segment;
import jukvm.memory.GuestMemory;

/**
 * The identity map of guest memory. Source: SDM volume 3, section 4.5, 4-level paging.
 *
 * <p>Each segment has its own rights, everything else is writable and not executable, in 2 MiB
 * pages wherever a whole one has the same rights. A guest at ring 3 cannot change that; one at ring
 * 0 can have other tables, where read-only memory slots still keep it from its text.
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

    private final GuestMemory memory;
    private final boolean ownsLowMemory;
    private final long user;
    private final long data;
    private final long tableFlags;
    private long nextTable = GuestLayout.MORE_PAGE_TABLES;

    private PageTables(GuestMemory memory, boolean ownsLowMemory, PrivilegeLevel privilege) {
        this.memory = memory;
        this.ownsLowMemory = ownsLowMemory;
        this.user = privilege == PrivilegeLevel.RING_3 ? USER : 0;
        this.data = PRESENT | WRITABLE | user | NO_EXECUTE;
        this.tableFlags = PRESENT | WRITABLE | user;
    }

    /**
     * Writes the tables of a guest.
     *
     * @return the guest-physical address after the last table
     */
    static long write(
            GuestMemory memory,
            List<Segment> segments,
            boolean ownsLowMemory,
            PrivilegeLevel privilege) {
        PageTables tables = new PageTables(memory, ownsLowMemory, privilege);
        tables.writeUpperLevels();
        tables.writePages(GuestLayout.FIRST_PAGE_TABLE, 0, segments);
        for (long gpa = REGION; gpa < memory.size(); gpa += REGION) {
            tables.writeRegion(gpa, segments);
        }
        // After all others, since it leaves out the tables themselves.
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
        if (ownsLowMemory) {
            return user != 0 && isOurs(gpa) ? trapsArriveAt(gpa) : gpa | data;
        }
        boolean isBootInfo = gpa >= GuestLayout.BOOT_INFO && gpa < GuestLayout.BOOT_INFO_END;
        return isBootInfo ? gpa | PRESENT | user | NO_EXECUTE : trapsArriveAt(gpa);
    }

    private boolean isOurs(long gpa) {
        return gpa >= GuestLayout.DESCRIPTORS && gpa < GuestLayout.TABLES_END
                || gpa >= GuestLayout.MORE_PAGE_TABLES && gpa < nextTable;
    }

    // The processor brings a trap of ring 3 to ring 0, and pushes where it came from.
    private long trapsArriveAt(long gpa) {
        return user != 0 && gpa == GuestLayout.DESCRIPTORS ? gpa | PRESENT | WRITABLE : 0;
    }

    private void writeRegion(long start, List<Segment> segments) {
        long rights = data;
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
            put(table, gpa, gpa | data);
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

    // At ring 0 the VM's read-only slots tell the monitor of a write; a guest that has no handler
    // for its page fault would only be reset.
    private long rights(Segment segment) {
        return PRESENT
                | user
                | (segment.writable() || user == 0 ? WRITABLE : 0)
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
