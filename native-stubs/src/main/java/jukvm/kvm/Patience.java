package jukvm.kvm;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jukvm.libc.Errno;

/**
 * How long a call is made again that the kernel could not do at the moment: a second, with pauses
 * where it is short of something. Belongs to one thread.
 */
final class Patience {
    /** How long, in nanoseconds. */
    static final long NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private boolean isTried;
    private long since;

    /**
     * Returns whether a call that failed is to be made once more; where the kernel is short of
     * something, after a pause.
     *
     * @param errno what the call failed with
     */
    boolean allows(int errno) {
        if (errno != Errno.EAGAIN && errno != Errno.EINTR) {
            return false;
        }
        long now = System.nanoTime();
        if (!isTried) {
            isTried = true;
            since = now;
        }
        if (now - since > NANOS) {
            return false;
        }
        if (errno == Errno.EAGAIN) {
            LockSupport.parkNanos(this, PAUSE_NANOS);
        }
        return true;
    }

    /** Notes that a call was done: the time for the next begins anew. */
    void restore() {
        isTried = false;
    }
}
