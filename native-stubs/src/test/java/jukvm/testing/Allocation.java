package jukvm.testing;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;

/** Holds code to allocating nothing. */
public final class Allocation {
    private static final int CALLS = 100_000;

    // What the measuring itself and late compilation may cost, far less than a byte for each call.
    private static final long SLACK = 8192;

    private Allocation() {}

    /** Fails if {@code body} allocates each time it is called. */
    public static void assertNone(Runnable body) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        repeat(body);
        long before = threads.getCurrentThreadAllocatedBytes();
        repeat(body);
        long bytes = threads.getCurrentThreadAllocatedBytes() - before;
        assertTrue(bytes < SLACK, bytes + " bytes in " + CALLS + " calls");
    }

    private static void repeat(Runnable body) {
        for (int i = 0; i < CALLS; i++) {
            body.run();
        }
    }
}
