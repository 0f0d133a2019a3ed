package jukvm.device;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.concurrent.Callable;

/** Measures what the current thread allocates. */
public final class Allocation {
    private static final int WARM_UP = 30_000;
    private static final int ROUNDS = 30_000;

    private Allocation() {}

    /** Returns how many bytes a call, which must return true, allocates after many. */
    static long perCall(Callable<Boolean> body) throws Exception {
        for (int i = 0; i < WARM_UP; i++) {
            assertTrue(body.call());
        }
        long before = soFar();
        for (int i = 0; i < ROUNDS; i++) {
            assertTrue(body.call());
        }
        return (soFar() - before) / ROUNDS;
    }

    /** Returns how many bytes the current thread has allocated so far. */
    public static long soFar() throws ReflectiveOperationException {
        // com.sun.management.ThreadMXBean, of a module that this one does not read.
        Object bean =
                Class.forName("java.lang.management.ManagementFactory")
                        .getMethod("getThreadMXBean")
                        .invoke(null);
        Method method =
                Class.forName("com.sun.management.ThreadMXBean")
                        .getMethod("getThreadAllocatedBytes", long.class);
        @SuppressWarnings("deprecation") // Its successor is not in 17.
        long thread = Thread.currentThread().getId();
        return (long) method.invoke(bean, thread);
    }
}
