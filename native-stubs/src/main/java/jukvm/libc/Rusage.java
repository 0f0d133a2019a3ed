package jukvm.libc;

import java.nio.ByteBuffer;

/**
 * What a process has used, as wait4(2) tells. Source: sys/resource.h, struct rusage; sys/time.h,
 * struct timeval.
 *
 * <pre>
 * ru_utime {sec i64, usec i64} @0   ru_stime {sec i64, usec i64} @16   (to 144)
 * </pre>
 */
public final class Rusage {
    /** Its length in bytes. */
    public static final int SIZE = 144;

    private static final int UTIME = 0;
    private static final int STIME = 16;
    private static final int USEC = 8;

    private Rusage() {}

    /**
     * Returns the time on a processor, the program's own and the kernel's for it, in nanoseconds.
     *
     * @param offset of the struct in the buffer
     */
    public static long cpuNanos(ByteBuffer at, int offset) {
        return nanos(at, offset + UTIME) + nanos(at, offset + STIME);
    }

    private static long nanos(ByteBuffer at, int offset) {
        return at.getLong(offset) * 1_000_000_000L + at.getLong(offset + USEC) * 1000L;
    }
}
