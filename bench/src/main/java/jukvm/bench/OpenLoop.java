package jukvm.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests that come when they come, whether or not the ones before have been served: a Poisson
 * process. A time counts from when the request was to come, so that a delay of one run is seen in
 * those that it holds up.
 */
public final class OpenLoop {
    /** Requests in a second: what the README's goals ask for at least. */
    public static final double RATE = 125.23;

    private static final double NANOS = 1e9;
    private static final long SEED = 20170507;

    private OpenLoop() {}

    /**
     * What came of it.
     *
     * @param perSecond requests that were to come in a second
     * @param seconds for which they came
     * @param times from when they were to come to their results
     */
    record Figures(double perSecond, double seconds, Times.Summary times) {}

    /** Sends requests for so many seconds, the same ones each time. */
    static Figures run(Level level, double seconds, Failures failures) throws InterruptedException {
        List<Long> arrivals = arrivals(RATE, seconds);
        ThreadLocal<Probe> probes = ThreadLocal.withInitial(() -> new Probe(level, failures));
        ExecutorService threads = Executors.newCachedThreadPool();
        try {
            List<Future<Long>> runs = new ArrayList<>();
            long start = System.nanoTime();
            for (long arrival : arrivals) {
                await(start + arrival);
                runs.add(threads.submit(() -> timeSince(start + arrival, probes.get())));
            }
            Times times = new Times();
            for (Future<Long> run : runs) {
                times.add(ClosedLoop.result(run));
            }
            return new Figures(RATE, seconds, times.summary());
        } finally {
            threads.shutdownNow();
        }
    }

    private static long timeSince(long intended, Probe probe) throws InterruptedException {
        probe.run();
        return System.nanoTime() - intended;
    }

    /**
     * Returns when requests are to come, in nanoseconds from the start; at least one, and the same
     * ones each time.
     *
     * @param rate requests in a second
     */
    public static List<Long> arrivals(double rate, double seconds) {
        Random random = new Random(SEED);
        List<Long> arrivals = new ArrayList<>();
        double at = 0;
        do {
            at += -Math.log(1 - random.nextDouble()) / rate;
            arrivals.add((long) (at * NANOS));
        } while (at < seconds);
        return arrivals;
    }

    private static void await(long moment) {
        long left = moment - System.nanoTime();
        while (left > 0) {
            LockSupport.parkNanos(left);
            left = moment - System.nanoTime();
        }
    }
}
