package jukvm.sandbox;

import java.util.List;
import java.util.Set;
import jukvm.error.HostException;
import org.jspecify.annotations.Nullable;

/**
 * A seal that a thread of its own makes ready while what the run writes is opened: that takes a
 * cold JVM longer than to seal. Used by one thread.
 */
public final class EarlySeal {
    private final List<String> readable;
    private final Thread thread = new Thread(this::prepare, "jukvm-seal");
    private @Nullable SealParts parts; // The thread's until it has ended.

    private EarlySeal(List<String> readable) {
        this.readable = readable;
    }

    /**
     * Begins to make it ready, for a process that needs no {@link Use}.
     *
     * @param readable as for {@link Sandbox#seal}
     */
    public static EarlySeal begin(List<String> readable) {
        EarlySeal early = new EarlySeal(readable);
        early.thread.setDaemon(true);
        early.thread.start();
        return early;
    }

    private void prepare() {
        try {
            parts = new SealParts(Set.of(), readable);
        } catch (HostException e) {
            parts = null; // It is tried once more, by the thread that can tell.
        }
    }

    /**
     * Seals the process, once. What was made ready serves one that needs what was foreseen; else
     * all is made now.
     *
     * @param uses as for {@link Sandbox#seal}
     * @param longest as for {@link Sandbox#seal}
     */
    public Seal seal(Set<Use> uses, long longest) throws InterruptedException {
        thread.join();
        try (SealParts ready = parts) {
            return ready == null || !uses.isEmpty()
                    ? Sandbox.seal(uses, longest, readable)
                    : Sandbox.seal(ready, uses, longest);
        }
    }
}
