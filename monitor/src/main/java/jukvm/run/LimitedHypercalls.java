package jukvm.run;

import java.util.function.Consumer;
import jukvm.guest.Limit;
import jukvm.guest.Outcome;
import jukvm.hypercall.Hypercalls;
import jukvm.io.ParkedException;
import jukvm.memory.GuestMemory;

/**
 * Hypercalls of a guest that may make so many a second: a bucket that holds those of one second,
 * and is filled up by the clock when it is empty. So the clock is read once in a bucketful, but for
 * guests at their limit.
 */
final class LimitedHypercalls implements Hypercalls {
    private static final double NANOS = 1e9;

    private final Hypercalls hypercalls;
    private final long perSecond;
    private final Consumer<Outcome> stopper;
    private long left;
    private long filledAt;

    LimitedHypercalls(Hypercalls hypercalls, long perSecond, Consumer<Outcome> stopper) {
        this.hypercalls = hypercalls;
        this.perSecond = perSecond;
        this.stopper = stopper;
        this.left = perSecond;
        this.filledAt = System.nanoTime();
    }

    @Override
    public boolean call(int port, GuestMemory memory, long gpa) {
        if (left == 0) {
            fillUp(System.nanoTime());
        }
        if (left == 0) {
            // The call it was stopped at is not answered.
            stopper.accept(new Outcome.LimitExceeded(Limit.HYPERCALL_RATE, perSecond));
            return true;
        }
        left--;
        try {
            return hypercalls.call(port, memory, gpa);
        } catch (ParkedException e) {
            left++; // It is made again.
            throw e;
        }
    }

    private void fillUp(long now) {
        double earned = (now - filledAt) / NANOS * perSecond;
        left = (long) Math.min((double) perSecond, earned);
        if (left > 0) {
            filledAt = now;
        }
    }
}
