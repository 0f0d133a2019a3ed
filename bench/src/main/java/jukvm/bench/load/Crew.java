package jukvm.bench.load;

import java.util.Collections;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import jukvm.bench.action.ActionSystem;
import jukvm.bench.action.Commands;
import jukvm.bench.action.Worker;
import jukvm.bench.process.Futures;

/**
 * Threads that run the actions of one system, each with a worker of its own; the host is in the
 * system's state while they work. Used by one thread, which is not one of them.
 */
final class Crew implements AutoCloseable {
    private final ActionSystem system;
    private final int size;
    private final ExecutorService threads;
    private final Queue<Worker> workers = new ConcurrentLinkedQueue<>();
    private final ThreadLocal<Worker> own;

    /** What a thread does with its worker. */
    @FunctionalInterface
    interface Task<T> {
        T run(Worker worker) throws InterruptedException;
    }

    Crew(ActionSystem system, int size) {
        this.system = system;
        this.size = size;
        this.threads = Executors.newFixedThreadPool(size);
        this.own =
                ThreadLocal.withInitial(
                        () -> {
                            Worker worker = system.worker();
                            workers.add(worker);
                            return worker;
                        });
    }

    /**
     * Has each thread make its worker, which may take a while that is no action's. The host must be
     * in the system's state.
     */
    void assemble() throws InterruptedException {
        CountDownLatch waiting = new CountDownLatch(size);
        Callable<Worker> arrival =
                () -> {
                    try {
                        return own.get();
                    } finally {
                        waiting.countDown();
                        waiting.await(); // So that no thread takes two of these tasks.
                    }
                };
        for (Future<Worker> one : threads.invokeAll(Collections.nCopies(size, arrival))) {
            Futures.result(one);
        }
    }

    /** Hands a task to one of the threads. The host must be in the system's state. */
    <T> Future<T> submit(Task<T> task) {
        return threads.submit(() -> task.run(own.get()));
    }

    /** Has one of the threads do a task and waits for it. */
    <T> T one(Task<T> task) throws InterruptedException {
        system.enter();
        try {
            return Futures.result(submit(task));
        } finally {
            system.leave();
        }
    }

    /** Waits until a moment of nanoTime; returns early if the thread is or was interrupted. */
    static void awaitMoment(long moment) {
        long left = moment - System.nanoTime();
        while (left > 0 && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(left);
            left = moment - System.nanoTime();
        }
    }

    /** Ends the threads, whatever they do, and waits for them. */
    @Override
    public void close() {
        Commands.end(threads);
        workers.forEach(Worker::close);
    }
}
