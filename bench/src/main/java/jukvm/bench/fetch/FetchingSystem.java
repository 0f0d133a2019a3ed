package jukvm.bench.fetch;

import java.io.IOException;
import jukvm.bench.action.Action;
import jukvm.bench.action.ActionSystem;
import jukvm.bench.action.DerivedSystem;
import jukvm.bench.action.Identity;
import jukvm.bench.action.Worker;
import jukvm.bench.load.Samples;
import jukvm.error.JukvmException;

/** A system that fetches the image of each action before it starts it. For one worker at a time. */
final class FetchingSystem extends DerivedSystem {
    /** What does nothing; a program that fetches by itself has this to fetch with. */
    static final Step NOTHING = () -> {};

    private final long bytes;
    private final Parts parts;
    private final Samples fetches = new Samples();

    /** A step of such an action. */
    @FunctionalInterface
    interface Step {
        /** Does it. */
        void run() throws IOException, InterruptedException;
    }

    /**
     * What makes up such an action.
     *
     * @param fetch until the image is ready to be started
     * @param worker starts it and waits for its end
     * @param clean deletes what was fetched
     */
    record Parts(Step fetch, Worker worker, Step clean) {}

    /**
     * Makes one.
     *
     * @param base the system that fetches nothing
     * @param how what is fetched and what is done with it
     * @param bytes that are fetched
     */
    FetchingSystem(ActionSystem base, String how, long bytes, Parts parts) {
        super(base, identity(base.identity(), how));
        this.bytes = bytes;
        this.parts = parts;
    }

    private static Identity identity(Identity of, String how) {
        return new Identity(of.id(), of.title(), of.kind(), how, of.version(), "");
    }

    /** Returns how many bytes are fetched for an action. */
    long bytes() {
        return bytes;
    }

    /** Returns how long it took until the image was ready, in µs; 0 if that is not known. */
    double fetchMedian() {
        return fetches.median();
    }

    @Override
    protected Worker newWorker() {
        return this::run;
    }

    private Action run() throws InterruptedException {
        long requested = System.nanoTime();
        try {
            Action action = fetchAndRun(requested);
            return new Action(
                    requested,
                    action.firstByte(),
                    action.done(),
                    System.nanoTime(),
                    action.failure());
        } catch (IOException | JukvmException e) {
            // A file that is being written closes then, and says nothing else.
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long now = System.nanoTime();
            return new Action(requested, 0, now, now, "fetch: " + e.getMessage());
        }
    }

    private Action fetchAndRun(long requested) throws IOException, InterruptedException {
        try {
            if (parts.fetch() != NOTHING) {
                parts.fetch().run();
                fetches.add(System.nanoTime() - requested);
            }
            return parts.worker().run();
        } finally {
            parts.clean().run();
        }
    }
}
