package jukvm.x86;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Set;
import java.util.TreeSet;
import jukvm.memory.GuestMemory;

/**
 * What the processor finds in the tables, told from the bytes alone. Source: SDM volume 3, section
 * 4.5, 4-level paging.
 */
final class PageWalk {
    static final int PRESENT = 1;
    static final int WRITE = 2;
    static final int USER = 4;
    static final int EXECUTE = 8;

    private static final long CR3 = 0x2000;
    private static final long ADDRESS = 0x000ffffffffff000L;
    private static final long LARGE = 1 << 7;
    private static final long RESERVED = 0x7ff0_0000_0000_0000L | 0xe00;

    private final GuestMemory memory;

    PageWalk(GuestMemory memory) {
        this.memory = memory;
    }

    /** Returns the rights of a page at every level together; 0 if nothing is mapped there. */
    int rights(long address) {
        int rights = PRESENT | WRITE | USER | EXECUTE;
        long table = CR3;
        for (int shift = 39; ; shift -= 9) {
            long entry = entry(table, address, shift);
            if ((entry & PRESENT) == 0) {
                return 0;
            }
            assertEquals(0, entry & RESERVED, "reserved bits");
            rights &= (int) entry & (PRESENT | WRITE | USER) | (entry < 0 ? 0 : EXECUTE);
            if (shift == 12 || isLarge(entry, shift)) {
                long offset = address & (1L << shift) - 1 & -4096;
                long target = entry & ADDRESS;
                assertEquals(0, target & (1L << shift) - 1, "misaligned page");
                assertEquals(address & -4096, target + offset, "not an identity map");
                return rights;
            }
            table = entry & ADDRESS;
        }
    }

    /** Returns the size in bytes of the page that an address is in. */
    long pageSize(long address) {
        long table = CR3;
        for (int shift = 39; shift > 12; shift -= 9) {
            long entry = entry(table, address, shift);
            if (isLarge(entry, shift)) {
                return 1L << shift;
            }
            table = entry & ADDRESS;
        }
        return 4096;
    }

    /** Returns the addresses of all tables. */
    Set<Long> tables() {
        Set<Long> tables = new TreeSet<>();
        collect(tables, CR3, 39);
        return tables;
    }

    private void collect(Set<Long> tables, long table, int shift) {
        tables.add(table);
        for (long i = 0; i < 512 && shift > 12; i++) {
            long entry = memory.owned(table + i * 8, 8).getLong(0);
            if ((entry & PRESENT) != 0 && !isLarge(entry, shift)) {
                collect(tables, entry & ADDRESS, shift - 9);
            }
        }
    }

    private long entry(long table, long address, int shift) {
        return memory.owned(table + (address >>> shift & 0x1ff) * 8, 8).getLong(0);
    }

    private static boolean isLarge(long entry, int shift) {
        return shift < 39 && shift > 12 && (entry & LARGE) != 0;
    }
}
