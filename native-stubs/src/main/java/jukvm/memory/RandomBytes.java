package jukvm.memory;

import java.nio.ByteBuffer;
import jukvm.libc.Errno;
import jukvm.libc.Libc;

/**
 * The host's random numbers, without a descriptor and without what the JDK's own classes take to
 * begin. Source: getrandom(2).
 */
public final class RandomBytes {
    // So many the kernel gives at once, whatever signals come.
    private static final int MAX = 256;

    private static final Libc LIBC = Libc.get();

    private RandomBytes() {}

    /**
     * Fills a buffer with bytes that nobody can guess.
     *
     * @param direct of at most 256 bytes from its position to its limit
     * @throws jukvm.error.HostException if the kernel gives none
     */
    public static void fill(ByteBuffer direct) {
        int length = direct.remaining();
        if (length > MAX) {
            throw new IllegalArgumentException(length + " bytes");
        }
        long address = LIBC.address(direct) + direct.position();
        long got = LIBC.syscall(Libc.SYS_GETRANDOM, address, length, 0, 0, 0);
        if (got != length) {
            throw Errno.exception("random numbers: getrandom", got < 0 ? (int) -got : Errno.EIO);
        }
    }
}
