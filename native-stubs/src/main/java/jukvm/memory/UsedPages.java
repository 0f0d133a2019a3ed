package jukvm.memory;

import java.nio.ByteBuffer;
import java.util.function.LongConsumer;
import jukvm.libc.PageMap;

/** What of guest memory holds something. */
public final class UsedPages {
    private static final int PAGE = GuestMemory.PAGE;

    private UsedPages() {}

    /**
     * Tells of each page that is not all zero, in order, on the memory's thread. Those that were
     * never touched are not looked at, which would have the host back them.
     *
     * @param gpa takes the guest-physical address of the page's first byte
     * @throws jukvm.error.HostException if the host cannot tell which were touched
     */
    public static void each(GuestMemory memory, LongConsumer gpa) {
        MemoryTemplate template = memory.begunWith();
        long begun = template == null ? 0 : template.length();
        try (PageMap pages = new PageMap(memory.mapping())) {
            for (long page = 0; page < memory.size(); page += PAGE) {
                boolean mayHold = page < begun || pages.isBacked(page / PAGE);
                if (mayHold && !isZero(memory.owned(page, PAGE))) {
                    gpa.accept(page);
                }
            }
        }
    }

    private static boolean isZero(ByteBuffer page) {
        for (int at = 0; at < PAGE; at += Long.BYTES) {
            if (page.getLong(at) != 0) {
                return false;
            }
        }
        return true;
    }
}
