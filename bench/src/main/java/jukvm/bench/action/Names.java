package jukvm.bench.action;

import java.util.concurrent.atomic.AtomicLong;

/** Names for containers that nobody else on the host has. */
final class Names {
    private static final AtomicLong COUNT = new AtomicLong();
    private static final long PROCESS = ProcessHandle.current().pid();

    private Names() {}

    /** Returns a new name that says what for. */
    static String next(String what) {
        return "jukvm-bench-" + PROCESS + "-" + what + "-" + COUNT.incrementAndGet();
    }
}
