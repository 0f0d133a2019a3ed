package jukvm.libc;

import java.nio.ByteBuffer;

/**
 * Filters of a TAP, and one that lets every frame pass. Source: linux/filter.h, struct sock_fprog
 * and struct sock_filter; linux/if_tun.h.
 *
 * <pre>
 * sock_fprog    len u16 @0   (6 bytes)   filter pointer @8
 * sock_filter   code u16 @0   jt u8 @2   jf u8 @3   k u32 @4
 * </pre>
 */
public final class SockFprog {
    private static final Libc LIBC = Libc.get();

    private static final int SIZE = 16;
    private static final int LEN = 0;
    private static final int FILTER = 8;
    private static final int FILTER_SIZE = 8;
    private static final int CODE = 0;
    private static final int K = 4;
    private static final short RETURN_K = 6;
    private static final int WHOLE_FRAME = -1;
    private static final long TUNATTACHFILTER = 0x401054d5L;
    private static final long TUNDETACHFILTER = 0x401054d6L;

    private SockFprog() {}

    /** Takes away the filter that somebody has attached to a TAP, if there is one. */
    public static void detach(int fd) {
        try (Mapping arena = Mapping.anonymous(SIZE)) {
            LIBC.ioctl(fd, TUNDETACHFILTER, arena.address());
        }
    }

    /**
     * Passes a request while the filter is attached to a TAP that has none.
     *
     * @return zero or more, or the negated errno
     */
    public static int passWith(int fd, Ifreq request, long number) {
        try (Mapping arena = Mapping.anonymous(SIZE + FILTER_SIZE)) {
            ByteBuffer at = arena.window(0, SIZE + FILTER_SIZE);
            at.putShort(LEN, (short) 1).putLong(FILTER, arena.address() + SIZE);
            at.putShort(SIZE + CODE, RETURN_K).putInt(SIZE + K, WHOLE_FRAME);
            int attached = LIBC.ioctl(fd, TUNATTACHFILTER, arena.address());
            int result = request.pass(fd, number);
            if (attached >= 0) {
                LIBC.ioctl(fd, TUNDETACHFILTER, arena.address());
            }
            return result;
        }
    }
}
