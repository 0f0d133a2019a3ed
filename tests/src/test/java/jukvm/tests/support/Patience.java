package jukvm.tests.support;

import java.time.Duration;

/**
 * How long tests wait before they call something hung, and how often they do what shows more the
 * more often it is done. Where processors are emulated, {@code -Djukvm.patience} says how many
 * times slower than usual things are.
 */
public final class Patience {
    private static final int TIMES = Integer.getInteger("jukvm.patience", 1);

    private Patience() {}

    /** Returns whether things are slower than usual. */
    public static boolean isNeeded() {
        return TIMES > 1;
    }

    /** Returns how long to wait for what takes less than this on a busy host that is a real one. */
    public static Duration of(Duration usual) {
        return usual.multipliedBy(TIMES);
    }

    /** Returns how often to do what is done so often elsewhere. */
    public static int fewer(int usual) {
        return Math.max(1, usual / TIMES);
    }
}
