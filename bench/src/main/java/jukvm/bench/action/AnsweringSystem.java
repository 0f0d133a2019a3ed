package jukvm.bench.action;

import java.net.InetSocketAddress;
import java.util.function.Supplier;
import jukvm.bench.result.SystemResult;
import jukvm.error.JukvmException;

/**
 * A way to answer HTTP requests by an instance for each: it is started when the request is there,
 * asked by TCP, and gone when it has answered. Its result is the whole answer.
 */
public final class AnsweringSystem extends DerivedSystem {
    private final Supplier<Starter> starters;

    /** Starts instances one after another. Used by one thread. */
    @FunctionalInterface
    public interface Starter extends AutoCloseable {
        /** Starts one, and returns perhaps before it serves. */
        Instance start() throws InterruptedException;

        /** Gives back what is kept between instances. */
        @Override
        default void close() {}
    }

    /** One that answers a request and ends. */
    public interface Instance extends AutoCloseable {
        /** Returns where it can be asked. */
        InetSocketAddress address() throws InterruptedException;

        /** Waits for its end; returns how that is not as it must be, or nothing. */
        String await() throws InterruptedException;

        /** Ends it, if it has not ended, and gives back what it took. */
        @Override
        void close();
    }

    /**
     * Makes one.
     *
     * @param base whose threads, kind and version it has
     * @param starters makes one for each worker
     */
    AnsweringSystem(ActionSystem base, String how, String kept, Supplier<Starter> starters) {
        super(base, identity(base.identity(), how, kept));
        this.starters = starters;
    }

    private static Identity identity(Identity of, String how, String kept) {
        String id = SystemResult.HTTP + of.id().replace("jukvm-", "");
        String title = of.title() + ", over HTTP";
        return new Identity(id, title, of.kind(), how, of.version(), kept);
    }

    @Override
    protected Worker newWorker() {
        Starter starter = starters.get();
        return new Worker() {
            @Override
            public Action run() throws InterruptedException {
                return answer(starter);
            }

            @Override
            public void close() {
                starter.close();
            }
        };
    }

    /** Has an instance started, asks it and waits for its end. */
    public static Action answer(Starter starter) throws InterruptedException {
        long requested = System.nanoTime();
        HttpAnswer answer;
        String failure;
        try (Instance instance = starter.start()) {
            answer = HttpAnswer.ask(instance.address());
            failure = answer.failure().isEmpty() ? instance.await() : answer.failure();
        } catch (JukvmException e) {
            long now = System.nanoTime();
            return new Action(requested, 0, now, now, String.valueOf(e.getMessage()));
        }
        long freed = System.nanoTime();
        return new Action(requested, answer.firstByte(), answer.whole(), freed, failure);
    }
}
