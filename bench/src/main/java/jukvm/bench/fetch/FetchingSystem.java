package jukvm.bench.fetch;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;
import jukvm.bench.action.Action;
import jukvm.bench.action.ActionSystem;
import jukvm.bench.action.Identity;
import jukvm.bench.action.IdleStarter;
import jukvm.bench.action.Worker;
import jukvm.bench.load.Samples;
import jukvm.error.JukvmException;

/** A system that fetches the image of each action before it starts it. For one worker at a time. */
final class FetchingSystem implements ActionSystem {
    private final Identity identity;
    private final ActionSystem base;
    private final long bytes;
    private final Supplier<Parts> parts;
    private final Samples fetches = new Samples();

    /** What makes up such an action. */
    interface Parts extends AutoCloseable {
        /** Fetches the image, until it is ready to be started. */
        void fetch() throws IOException, InterruptedException;

        /** Starts it and waits for its end. */
        Action run() throws InterruptedException;

        /** Returns whether {@link #fetch} does it all, and not the program that is started. */
        default boolean tells() {
            return true;
        }

        /** Deletes what was fetched. */
        default void clean() throws IOException {}

        @Override
        default void close() {}
    }

    /**
     * Makes one.
     *
     * @param base the system that fetches nothing
     * @param how what is fetched and what is done with it
     * @param bytes that are fetched
     */
    FetchingSystem(ActionSystem base, String how, long bytes, Supplier<Parts> parts) {
        Identity of = base.identity();
        this.identity = new Identity(of.id(), of.title(), of.kind(), how, of.version(), "");
        this.base = base;
        this.bytes = bytes;
        this.parts = parts;
    }

    @Override
    public Identity identity() {
        return identity;
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
    public Worker worker() {
        base.worker().close(); // The thread is to be as the system's.
        Parts own = parts.get();
        return new Worker() {
            @Override
            public Action run() throws InterruptedException {
                return FetchingSystem.this.run(own);
            }

            @Override
            public void close() {
                own.close();
            }
        };
    }

    private Action run(Parts own) throws InterruptedException {
        long requested = System.nanoTime();
        try {
            Action action = fetchAndRun(own, requested);
            return new Action(
                    requested,
                    action.firstByte(),
                    action.done(),
                    System.nanoTime(),
                    action.failure(),
                    Optional.empty());
        } catch (IOException | JukvmException e) {
            // A file that is being written closes then, and says nothing else.
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            long now = System.nanoTime();
            return new Action(requested, 0, now, now, "fetch: " + e.getMessage(), Optional.empty());
        }
    }

    private Action fetchAndRun(Parts own, long requested) throws IOException, InterruptedException {
        try {
            own.fetch();
            if (own.tells()) {
                fetches.add(System.nanoTime() - requested);
            }
            return own.run();
        } finally {
            own.clean();
        }
    }

    @Override
    public Optional<IdleStarter> idle() {
        return Optional.empty();
    }

    @Override
    public boolean isInThisJvm() {
        return base.isInThisJvm();
    }

    @Override
    public void enter() {
        base.enter();
    }

    @Override
    public void leave() {
        base.leave();
    }

    @Override
    public void close() {}
}
