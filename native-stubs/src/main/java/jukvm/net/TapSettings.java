package jukvm.net;

import java.nio.ByteBuffer;
import jukvm.libc.Errno;
import jukvm.libc.Fd;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;
import jukvm.libc.SockFprog;

/**
 * What a TAP interface keeps of those who used it, for as long as it is there: it decides which
 * frames come and how. Source: linux/if_tun.h.
 */
final class TapSettings {
    private static final Libc LIBC = Libc.get();

    // By value: which work the host may leave to the guest.
    private static final long TUNSETOFFLOAD = 0x400454d0L;

    // Of what is pointed to: a struct tun_filter, and an int each.
    private static final long TUNSETTXFILTER = 0x400454d1L;
    private static final long TUNSETSNDBUF = 0x400454d4L;
    private static final long TUNSETSTEERINGEBPF = 0x800454e0L;
    private static final long TUNSETFILTEREBPF = 0x800454e1L;
    private static final long TUNSETCARRIER = 0x400454e2L;

    private static final int NO_PROGRAM = -1;
    private static final int PLUGGED = 1;
    private static final int FILTER_SIZE = 4; // flags u16, count u16: of no addresses

    private TapSettings() {}

    /**
     * Makes it as a new one: each frame comes whole, with its checksum, and is let through.
     *
     * @throws jukvm.error.HostException if the host would leave work to the guest
     */
    static void reset(Fd tap) {
        int result = LIBC.ioctl(tap.number(), TUNSETOFFLOAD, 0);
        // A driver that does not know of it does not leave any.
        if (result < 0 && result != -Errno.ENOTTY) {
            throw Errno.exception(tap.name() + ": TUNSETOFFLOAD", -result);
        }
        // What an older kernel or another driver does not know, nobody has set.
        SockFprog.detach(tap.number());
        set(tap, TUNSETTXFILTER, 0);
        set(tap, TUNSETSNDBUF, Integer.MAX_VALUE);
        set(tap, TUNSETSTEERINGEBPF, NO_PROGRAM);
        set(tap, TUNSETFILTEREBPF, NO_PROGRAM);
        set(tap, TUNSETCARRIER, PLUGGED);
    }

    private static void set(Fd tap, long request, int value) {
        try (Mapping arena = Mapping.anonymous(FILTER_SIZE)) {
            ByteBuffer at = arena.window(0, FILTER_SIZE);
            at.putInt(0, value);
            LIBC.ioctl(tap.number(), request, arena.address());
        }
    }
}
