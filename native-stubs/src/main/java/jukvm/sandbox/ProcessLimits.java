package jukvm.sandbox;

import java.nio.ByteBuffer;
import java.util.Set;
import jukvm.libc.Libc;
import jukvm.libc.Mapping;

/**
 * Limits of this process, lowered to what it still needs. Source: prlimit(2); sys/resource.h.
 *
 * <pre>
 * rlimit    rlim_cur u64 @0   rlim_max u64 @8
 * </pre>
 */
final class ProcessLimits {
    private static final Libc LIBC = Libc.get();

    private static final int RLIMIT_FSIZE = 1;
    private static final int RLIMIT_CORE = 4;
    private static final int RLIMIT_NOFILE = 7;
    private static final int MAXIMUM = 8;
    private static final int RLIMIT = 16;

    // Jars, files of /proc, doorbells of devices, a peer's socket.
    private static final int MORE_DESCRIPTORS = 64;

    // A VM and what its guest is attached to, for as many as there may be at a time.
    private static final int OF_GUESTS = 2048;

    private ProcessLimits() {}

    /**
     * Lowers them.
     *
     * @param uses what the process is to be able to do
     * @param longest how long a file may become in bytes, {@link Sandbox#ANY_LENGTH} for any
     * @return what failed, empty if nothing did
     */
    static String lower(Set<Use> uses, long longest) {
        try (Mapping arena = Mapping.anonymous(2 * RLIMIT)) {
            String failure = lower(arena, RLIMIT_CORE, 0);
            if (failure.isEmpty() && longest != Sandbox.ANY_LENGTH) {
                failure = lower(arena, RLIMIT_FSIZE, longest);
            }
            return failure.isEmpty() ? lower(arena, RLIMIT_NOFILE, descriptors(uses)) : failure;
        }
    }

    /** Has this process leave no core file; returns what failed, empty if nothing did. */
    static String refuseCores() {
        try (Mapping arena = Mapping.anonymous(2 * RLIMIT)) {
            return lower(arena, RLIMIT_CORE, 0);
        }
    }

    // The lowest number that is free: below it all are taken.
    private static long descriptors(Set<Use> uses) {
        int free = LIBC.eventfd(0, Libc.EFD_CLOEXEC);
        if (free >= 0) {
            LIBC.close(free);
        }
        int more = uses.contains(Use.GUESTS) ? OF_GUESTS : MORE_DESCRIPTORS;
        return Math.max(free, 0L) + more;
    }

    private static String lower(Mapping arena, int resource, long limit) {
        ByteBuffer at = arena.window(0, 2 * RLIMIT);
        long now = arena.address() + RLIMIT;
        long result = LIBC.syscall(Libc.SYS_PRLIMIT64, 0, resource, 0, now, 0);
        if (result >= 0) {
            at.putLong(0, least(at.getLong(RLIMIT), limit));
            at.putLong(MAXIMUM, least(at.getLong(RLIMIT + MAXIMUM), limit));
            result = Sandbox.seal(Libc.SYS_PRLIMIT64, 0, resource, arena.address(), 0);
        }
        return Sandbox.failure("prlimit", result);
    }

    private static long least(long one, long other) {
        return Long.compareUnsigned(one, other) < 0 ? one : other;
    }
}
