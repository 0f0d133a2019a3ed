package jukvm.isolation;

import org.jspecify.annotations.Nullable;

/**
 * Calls of what is the embedder's for one guest: its console, devices and listeners. What they
 * throw belongs to whoever asked for the run; once one has thrown, the others are not called until
 * the end. Belongs to the guest's thread, but for what says otherwise.
 */
final class EmbedderCalls {
    private final Runnable whenThrown;
    private volatile @Nullable Throwable thrown;

    // When the last came back; 0 while one has not.
    private volatile long backAt = System.nanoTime();

    /**
     * Makes none yet.
     *
     * @param whenThrown called when one has thrown; again if several do
     */
    EmbedderCalls(Runnable whenThrown) {
        this.whenThrown = whenThrown;
    }

    /** Makes a call, unless one has thrown. */
    void run(Runnable call) {
        if (thrown != null) {
            return;
        }
        backAt = 0;
        try {
            call.run();
        } catch (Throwable e) {
            failed(e);
            whenThrown.run();
        } finally {
            backAt = System.nanoTime();
        }
    }

    /** Makes a call of those that are made in any case, at the end. */
    void attempt(Runnable call) {
        try {
            call.run();
        } catch (Throwable e) {
            failed(e);
        }
    }

    /** Notes what was thrown; the first counts. */
    void failed(Throwable e) {
        Throwable first = thrown;
        if (first == null) {
            thrown = e;
        } else if (first != e) {
            first.addSuppressed(e);
        }
    }

    /** Returns what was thrown first, null if nothing; from any thread. */
    @Nullable Throwable thrown() {
        return thrown;
    }

    /** Returns whether one has not come back yet; from any thread. */
    boolean isOut() {
        return backAt == 0;
    }

    /** Returns when the last call came back, which is now if it has not; from any thread. */
    long backAt(long now) {
        long at = backAt;
        return at == 0 ? now : at;
    }
}
