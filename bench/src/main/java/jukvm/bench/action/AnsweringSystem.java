package jukvm.bench.action;

import java.net.InetSocketAddress;
import java.util.function.Supplier;
import jukvm.bench.result.SystemResult;
import jukvm.error.JukvmException;

/**
 * A way to answer HTTP requests by an instance for each: it is started when the request is there,
 * asked by TCP, and gone when it has answered. Its result is the whole answer.
 */
final class AnsweringSystem implements ActionSystem {
    private final Identity identity;
    private final ActionSystem base;
    private final Supplier<Starter> starters;

    /** Starts instances one after another. Used by one thread. */
    interface Starter extends AutoCloseable {
        /** Starts one, and returns perhaps before it serves. */
        Instance start() throws InterruptedException;

        /** Gives back what is kept between instances. */
        @Override
        default void close() {}
    }

    /** One that answers a request and ends. */
    interface Instance extends AutoCloseable {
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
        Identity of = base.identity();
        String id = SystemResult.HTTP + of.id().replace("jukvm-", "");
        String title = of.title() + ", over HTTP";
        this.identity = new Identity(id, title, of.kind(), how, of.version(), kept);
        this.base = base;
        this.starters = starters;
    }

    @Override
    public Identity identity() {
        return identity;
    }

    @Override
    public Worker worker() {
        base.worker().close(); // The thread is to be as the system's.
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

    private static Action answer(Starter starter) throws InterruptedException {
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
}
