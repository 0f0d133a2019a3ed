package jukvm.run;

/**
 * Decides when a second thread pays that serves a network ring beside the vCPU's. It spares the
 * guest an exit for each frame where a processor is free for it. Where none is, a guest that waits
 * for an answer waits until the thread has one, and loses a slice of the scheduler's for it: so it
 * rests the longer the less it was worth, by what was measured of it.
 */
final class RingHelp {
    /** Kicks that follow each other so soon are of a guest that does little else. */
    static final long FAST_NANOS = 200_000;

    /** So many of those in a row, and help is wanted. */
    static final int FAST_KICKS = 4;

    /** What a thread has to serve at least to be worth its being woken. */
    static final int WORTH = 32;

    static final long LEAST_REST = 1_000_000;
    static final long MOST_REST = 256 * LEAST_REST;

    private long lastKick;
    private int fastKicks;
    private long rest; // Of the helping thread, like the next.
    private volatile long restUntil;

    /** Makes one by which help is wanted at once; {@code now} as by System.nanoTime. */
    RingHelp(long now) {
        this.lastKick = now - FAST_NANOS;
        this.restUntil = now;
    }

    /**
     * Returns whether help is wanted; on the vCPU's thread, at each kick.
     *
     * @param served how many submissions the kick told of: none, and it does not count
     */
    boolean isWantedAt(long now, int served) {
        if (served == 0) {
            return false;
        }
        fastKicks = now - lastKick < FAST_NANOS ? fastKicks + 1 : 0;
        lastKick = now;
        return fastKicks >= FAST_KICKS && now - restUntil >= 0;
    }

    /**
     * Is told that the thread has stopped helping; on that.
     *
     * @param served how many submissions it served
     * @param isCrowded whether others wanted its processor
     */
    void ended(long now, int served, boolean isCrowded) {
        boolean isWorth = served >= WORTH && !isCrowded;
        rest = isWorth ? 0 : Math.min(Math.max(2 * rest, LEAST_REST), MOST_REST);
        restUntil = now + rest;
    }

    /** The time that the thread helps, in parts. */
    static final class Spell {
        // Of four nanoseconds it is to have been on a processor for so many. Too short a part says
        // nothing: its clocks are read one after the other.
        private static final int SHARE = 3;
        private static final long SHORTEST = 100_000;

        long since;
        int served;
        private long used;

        /**
         * Begins the first part.
         *
         * @param usedNow what the thread has had of processors until now, in nanoseconds
         */
        void begin(long now, long usedNow) {
            since = now;
            used = usedNow;
            served = 0;
        }

        /** Begins the next part; returns whether others wanted the processor in the last one. */
        boolean next(long now, long usedNow) {
            long wall = now - since;
            boolean isCrowded = wall >= SHORTEST && 4 * (usedNow - used) < SHARE * wall;
            since = now;
            used = usedNow;
            return isCrowded;
        }
    }
}
