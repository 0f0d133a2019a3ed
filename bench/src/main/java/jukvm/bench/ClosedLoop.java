package jukvm.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Threads that each ask for a run as soon as they have the result of the last. */
final class ClosedLoop {
    // Not counted at the start, as a part of the time and at most: VMs are made that are then kept.
    private static final double UNCOUNTED = 0.2;
    private static final double MOST_UNCOUNTED_SECONDS = 2;
    private static final double NANOS = 1e9;

    private ClosedLoop() {}

    /**
     * What came of it.
     *
     * @param threads how many there were, and so guests in flight
     * @param perSecond runs that ended, in a second
     * @param times of these runs, from the request to the result
     */
    record Figures(int threads, double perSecond, Times.Summary times) {}

    /**
     * Runs the loop.
     *
     * @param seconds that are counted
     */
    static Figures run(Level level, int threads, double seconds, Failures failures)
            throws InterruptedException {
        double uncounted = Math.min(UNCOUNTED * seconds, MOST_UNCOUNTED_SECONDS);
        long begin = System.nanoTime() + (long) (uncounted * NANOS);
        long end = begin + (long) (seconds * NANOS);
        Callable<Times> worker = () -> work(new Probe(level, failures), begin, end);
        ExecutorService workers = Executors.newFixedThreadPool(threads);
        try {
            List<Callable<Times>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(worker);
            }
            Times times = new Times();
            for (Future<Times> future : workers.invokeAll(all)) {
                times.add(result(future));
            }
            Times.Summary summary = times.summary();
            return new Figures(threads, summary.runs() / seconds, summary);
        } finally {
            workers.shutdownNow();
        }
    }

    private static Times work(Probe probe, long begin, long end) throws InterruptedException {
        while (System.nanoTime() - begin < 0) {
            probe.warmUp();
        }
        Times times = new Times();
        while (true) {
            long time = probe.run();
            if (System.nanoTime() - end >= 0) {
                return times; // It ended after the time that is counted.
            }
            times.add(time);
        }
    }

    /** Returns what a worker found, or throws what it threw. */
    static <T> T result(Future<T> future) throws InterruptedException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
