package jukvm.process;

import java.util.Optional;
import jukvm.libc.Libc;
import org.jspecify.annotations.Nullable;

/**
 * Loads the native binding on a thread of its own, which in a cold JVM takes as long as all else
 * before a guest. Whoever needs it meanwhile waits for the rest. Thread-safe.
 */
public final class EarlyBinding {
    private static final int NO_DESCRIPTOR = -1;

    private final Thread thread = new Thread(this::load, "jukvm-binding");
    private volatile @Nullable LinkageError failure;

    private EarlyBinding() {}

    /** Begins to load it. */
    public static EarlyBinding begin() {
        EarlyBinding binding = new EarlyBinding();
        binding.thread.setDaemon(true);
        binding.thread.start();
        return binding;
    }

    // Any call would do; of all later failures the JVM only says that there was this one.
    private void load() {
        try {
            Libc.get().close(NO_DESCRIPTOR);
        } catch (LinkageError e) {
            failure = e;
        }
    }

    /** Returns why it cannot be loaded, if it cannot; waits until that is known. */
    public Optional<LinkageError> failure() throws InterruptedException {
        thread.join();
        return Optional.ofNullable(failure);
    }
}
